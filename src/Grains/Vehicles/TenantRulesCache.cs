using System.Collections.Concurrent;
using System.Collections.Frozen;
using FleetTracker.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FleetTracker.Vehicles;

/// <summary>
/// The rules of the tenants that somebody on this silo has asked for. One cheap query tells whose rules have changed; those are read and compiled beside the
/// polls, so a large tenant holds up no other. Whatever fails, what was known stays in use, and fixes beyond its time wait.
/// </summary>
internal sealed partial class TenantRulesCache : BackgroundService, ITenantRules
{
    /// <summary>Tenants that are loaded at once. Loading is work for a core: more would take it from the folds.</summary>
    private const int LoadsAtOnce = 2;

    private readonly ConcurrentDictionary<string, Entry> _tenants = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _loads = new(LoadsAtOnce);
    private readonly IRulesStore _store;
    private readonly TenantRulesLoader _loader;
    private readonly RulesOptions _options;
    private readonly TimeProvider _time;
    private readonly RulesMetrics _metrics;
    private readonly ILogger<TenantRulesCache> _logger;
    private TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Poll? _poll;
    private bool _isPollFailing;

    public TenantRulesCache(
        IRulesStore store, TenantRulesLoader loader, IOptions<RulesOptions> options, TimeProvider time, RulesMetrics metrics, ILogger<TenantRulesCache> logger)
    {
        (_store, _loader, _options, _time, _metrics, _logger) = (store, loader, options.Value, time, metrics, logger);
        metrics.Observe(
            () => _tenants.Values.Sum(entry => entry.Loaded?.Fences.Count ?? 0),
            () => _poll is { } poll ? (time.GetUtcNow() - poll.At).TotalSeconds : 0);
    }

    public event Action<string>? Changed;

    public TenantRules? Find(string tenant)
    {
        if (_tenants.TryGetValue(tenant, out var entry)) return entry.Rules;
        if (_tenants.TryAdd(tenant, new Entry())) Volatile.Read(ref _asked).TrySetResult();
        return null;
    }

    public override void Dispose()
    {
        _loads.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                // Made before the poll: who asks while it runs is served by the next one, at once.
                var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                Volatile.Write(ref _asked, asked);
                if (!_tenants.IsEmpty) await PollAsync(stoppingToken);

                await using var timer = _time.CreateTimer(_ => asked.TrySetResult(), null, _options.PollInterval, Timeout.InfiniteTimeSpan);
                await asked.Task.WaitAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAll(_tenants.Values.Select(entry => entry.Loading));
        }
    }

    private async Task PollAsync(CancellationToken stoppingToken)
    {
        try
        {
            var at = _time.GetUtcNow();
            var revisions = await _store.ReadRevisionsAsync(stoppingToken);
            _poll = new Poll(at, at + _options.Lead - _options.MaxClockDifference, revisions.ToFrozenDictionary(StringComparer.Ordinal));
            if (_isPollFailing) LogPolling();
            _isPollFailing = false;
        }
        catch (Exception error) when (!stoppingToken.IsCancellationRequested)
        {
            _metrics.Failed("poll");
            if (!_isPollFailing) LogPollFailed(error);
            _isPollFailing = true;
            return;
        }

        foreach (var (tenant, entry) in _tenants) Advance(tenant, entry, _poll, stoppingToken);
    }

    /// <summary>Says through when the rules are known, or loads them.</summary>
    private void Advance(string tenant, Entry entry, Poll poll, CancellationToken stoppingToken)
    {
        lock (entry)
        {
            if (!poll.Revisions.TryGetValue(tenant, out var revision))
            {
                entry.Forget();
                return;
            }

            if (entry.Loaded is { } loaded)
            {
                // Read while or after this poll ran: what the poll saw is in it, and more.
                if (loaded.Revision == revision || (loaded.Revision > revision && loaded.ReadAt >= poll.At))
                {
                    entry.Know(poll.KnownThrough);
                    return;
                }

                // A database that knows less than it did was restored from a backup: nothing that is known of it counts.
                if (loaded.Revision > revision) entry.Loaded = null;
            }

            if (entry.Loading.IsCompleted) entry.Loading = Task.Run(() => LoadAsync(tenant, entry, poll, stoppingToken), CancellationToken.None);
        }
    }

    private async Task LoadAsync(string tenant, Entry entry, Poll poll, CancellationToken stoppingToken)
    {
        try
        {
            await _loads.WaitAsync(stoppingToken);
            try
            {
                if (await _loader.LoadAsync(tenant, entry.Loaded, stoppingToken) is not { } loaded) return;
                lock (entry)
                {
                    entry.Loaded = loaded;
                    entry.Know(poll.KnownThrough);
                }
            }
            finally
            {
                _loads.Release();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error)
        {
            // What was loaded before stays in use, and the next poll tries again.
            _metrics.Failed("load");
            LogLoadFailed(error, tenant);
            return;
        }

        RaiseChanged(tenant);
        // A load may take longer than a poll: what the newest one saw can be what was read.
        if (_poll is { } newest && newest != poll) Advance(tenant, entry, newest, stoppingToken);
    }

    private void RaiseChanged(string tenant)
    {
        try
        {
            Changed?.Invoke(tenant);
        }
        catch (Exception error)
        {
            LogListenerFailed(error, tenant);
        }
    }

    [LoggerMessage(2110, LogLevel.Warning, "Changes of fences and settings cannot be read; what is known stays in use, and fixes after its time wait")]
    private partial void LogPollFailed(Exception error);

    [LoggerMessage(2111, LogLevel.Warning, "Fences and settings of tenant {Tenant} could not be loaded; it is tried again")]
    private partial void LogLoadFailed(Exception error, string tenant);

    [LoggerMessage(2114, LogLevel.Error, "A listener failed for changed fences and settings of tenant {Tenant}")]
    private partial void LogListenerFailed(Exception error, string tenant);

    [LoggerMessage(2115, LogLevel.Information, "Changes of fences and settings are read again")]
    private partial void LogPolling();

    /// <param name="At">Before the query was sent.</param>
    /// <param name="KnownThrough">A change that it did not see counts from later than this.</param>
    private sealed record Poll(DateTimeOffset At, DateTimeOffset KnownThrough, FrozenDictionary<string, long> Revisions);

    /// <summary>A tenant that was asked for. Changed under its own lock, read without.</summary>
    private sealed class Entry
    {
        private volatile TenantRules? _rules;

        public TenantRules? Rules => _rules;

        public LoadedRules? Loaded { get; set; }

        public Task Loading { get; set; } = Task.CompletedTask;

        public void Forget() => (Loaded, _rules) = (null, null);

        public void Know(DateTimeOffset knownThrough) => _rules = Loaded!.Rules with { KnownThrough = knownThrough };
    }
}
