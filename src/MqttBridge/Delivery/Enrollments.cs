using System.Collections.Concurrent;
using FleetTracker.Devices;
using FleetTracker.Mqtt;
using Microsoft.Extensions.Options;

namespace FleetTracker.Ingestion;

/// <summary>First contacts. One call per device at a time, and a bounded number of them together.</summary>
internal sealed class Enrollments(
    IDeviceDirectory directory, DeviceCache devices, IOptions<IngestionOptions> options, IngestionMetrics metrics, TimeProvider time, ILogger<Enrollments> logger) : IDisposable
{
    private readonly SemaphoreSlim _places = new(options.Value.MaxConcurrentEnrollments);
    private readonly ConcurrentDictionary<string, TaskCompletionSource<DeviceRecord?>> _running = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    /// <returns>The registration, which may be another tenant's; <c>null</c> when the credential that brought it is gone, or when stopping.</returns>
    public async Task<DeviceRecord?> EnrollAsync(string deviceId, ClientAccess access)
    {
        var enrollment = new Enrollment(access.Tenant, access.Access.Group, access.EnrolledBy);

        // Keyed by tenant too: the other tenant's caller must learn what the registry says to it.
        var key = $"{access.Tenant}/{deviceId}";
        var mine = new TaskCompletionSource<DeviceRecord?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = _running.GetOrAdd(key, mine);
        if (!ReferenceEquals(running, mine)) return await running.Task;

        DeviceRecord? record = null;
        try
        {
            return record = await RunAsync(deviceId, enrollment);
        }
        finally
        {
            _running.TryRemove(key, out _);
            mine.TrySetResult(record);
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
        _places.Dispose();
    }

    private async Task<DeviceRecord?> RunAsync(string deviceId, Enrollment enrollment)
    {
        await _places.WaitAsync(_stopping.Token);
        try
        {
            var record = await Registry.RetryAsync("enroll", token => directory.EnrollAsync(deviceId, enrollment, token), metrics, time, logger, _stopping.Token);
            if (record is not null) devices.Put(record);
            return record;
        }
        finally
        {
            _places.Release();
        }
    }
}
