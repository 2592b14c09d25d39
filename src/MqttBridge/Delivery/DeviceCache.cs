using System.Collections.Concurrent;
using System.Collections.Immutable;
using FleetTracker.Devices;
using Microsoft.Extensions.Options;

namespace FleetTracker.Ingestion;

/// <summary>
/// What the bridge knows of devices. Asks the registry in batches, in the background before an answer is too old, and again and again while
/// the registry cannot be asked. Bounded by two generations: what was not used while one filled up is forgotten.
/// </summary>
internal sealed class DeviceCache(
    IDeviceDirectory directory, IOptions<IngestionOptions> options, IngestionMetrics metrics, TimeProvider time, ILogger<DeviceCache> logger) : IDisposable
{
    private const int MaxIdsPerCall = 256;

    private readonly IngestionOptions _options = options.Value;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Entry>> _asked = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _questions = new();
    private ConcurrentDictionary<string, Entry> _young = new(StringComparer.Ordinal);
    private ConcurrentDictionary<string, Entry> _old = new(StringComparer.Ordinal);
    private int _youngCount;
    private int _isAsking;
    private Task _asking = Task.CompletedTask;

    /// <summary>A registration from memory that may still be used.</summary>
    public DeviceRecord? TryGet(string deviceId)
    {
        var entry = Recall(deviceId);
        var age = entry is null ? TimeSpan.MaxValue : time.GetElapsedTime(entry.At);
        if (entry?.Record is null || age > _options.DeviceLifetime)
        {
            metrics.DirectoryMissed();
            return null;
        }

        metrics.DirectoryHit();
        if (age > _options.DeviceLifetime / 2) _ = AskAsync(deviceId);
        return entry.Record;
    }

    /// <summary>
    /// The registry's answer, at most <paramref name="maxAge"/> old; <c>null</c> when it does not know the device. Waits as long as the
    /// registry cannot be asked.
    /// </summary>
    public async ValueTask<DeviceRecord?> FindAsync(string deviceId, TimeSpan maxAge)
    {
        var entry = Recall(deviceId);
        if (entry is not null && time.GetElapsedTime(entry.At) <= maxAge) return entry.Record;

        return (await AskAsync(deviceId)).Record;
    }

    /// <summary>Remembers a registration that was just made.</summary>
    public void Put(DeviceRecord record) => Remember(record.DeviceId, new Entry(record, time.GetTimestamp()));

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private Entry? Recall(string deviceId)
    {
        if (_young.TryGetValue(deviceId, out var entry)) return entry;
        if (!_old.TryGetValue(deviceId, out entry)) return null;
        Remember(deviceId, entry);
        return entry;
    }

    private void Remember(string deviceId, Entry entry)
    {
        if (!_young.TryAdd(deviceId, entry))
        {
            _young[deviceId] = entry;
            return;
        }

        if (Interlocked.Increment(ref _youngCount) <= _options.MaxCachedDevices / 2) return;

        // Two threads may both find it full; the second turns an almost empty generation, which only forgets a little more.
        Volatile.Write(ref _youngCount, 0);
        _old = _young;
        _young = new ConcurrentDictionary<string, Entry>(StringComparer.Ordinal);
    }

    private Task<Entry> AskAsync(string deviceId)
    {
        var question = new TaskCompletionSource<Entry>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = _asked.GetOrAdd(deviceId, question);
        if (ReferenceEquals(asked, question))
        {
            _questions.Enqueue(deviceId);
            StartAsking();
        }

        return asked.Task;
    }

    private void StartAsking()
    {
        if (Interlocked.CompareExchange(ref _isAsking, 1, 0) == 0) _asking = Task.Run(AskAllAsync);
    }

    private async Task AskAllAsync()
    {
        var ids = ImmutableArray.CreateBuilder<string>();
        while (!_stopping.IsCancellationRequested)
        {
            while (ids.Count < MaxIdsPerCall && _questions.TryDequeue(out var id)) ids.Add(id);
            if (ids.Count == 0)
            {
                Volatile.Write(ref _isAsking, 0);

                // Whoever asked in between found us still asking.
                if (_questions.IsEmpty || Interlocked.CompareExchange(ref _isAsking, 1, 0) != 0) return;
                continue;
            }

            await AskAsync(ids.ToImmutable());
            ids.Clear();
        }
    }

    private async Task AskAsync(ImmutableArray<string> ids)
    {
        var askedAt = time.GetTimestamp();
        var answers = await Registry.RetryAsync("find", token => directory.FindAsync(ids, token), metrics, time, logger, _stopping.Token);
        if (answers.IsDefault) return;

        var at = time.GetTimestamp();
        for (var i = 0; i < ids.Length; i++)
        {
            // A registration made while we asked is newer than the answer.
            var entry = _young.TryGetValue(ids[i], out var known) && known.At > askedAt ? known : new Entry(i < answers.Length ? answers[i] : null, at);
            Remember(ids[i], entry);
            if (_asked.TryRemove(ids[i], out var question)) question.TrySetResult(entry);
        }
    }

    private sealed record Entry(DeviceRecord? Record, long At);
}

/// <summary>Calls to the registry. A failure delays; it never refuses.</summary>
internal static class Registry
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    /// <returns>The answer, or the default when stopping.</returns>
    public static async Task<T?> RetryAsync<T>(
        string call, Func<CancellationToken, Task<T>> ask, IngestionMetrics metrics, TimeProvider time, ILogger logger, CancellationToken stopping)
    {
        for (var delay = FirstDelay; !stopping.IsCancellationRequested; delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay)
        {
            try
            {
                return await ask(stopping);
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return default;
            }
            catch (Exception problem)
            {
                metrics.RegistryRetried(call);
                DeliveryLog.RegistryFailed(logger, call, delay, problem);
            }

            await Task.Delay(delay, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return default;
    }
}
