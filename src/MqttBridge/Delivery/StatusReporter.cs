using System.Collections.Immutable;
using FleetTracker.Devices;

namespace FleetTracker.Ingestion;

/// <summary>Sends what devices say of their connection to the registry, one call at a time; what arrives meanwhile goes with the next.</summary>
internal sealed class StatusReporter(IDeviceDirectory directory, IngestionMetrics metrics, TimeProvider time, ILogger<StatusReporter> logger) : IDisposable
{
    private const int MaxStatusesPerCall = 1000;

    private readonly Lock _gate = new();
    private readonly Queue<(DeviceStatus Status, InboundMessage Message)> _waiting = new();
    private readonly CancellationTokenSource _stopping = new();
    private bool _isReporting;
    private Task _reporting = Task.CompletedTask;

    public void Add(DeviceStatus status, InboundMessage message)
    {
        lock (_gate)
        {
            _waiting.Enqueue((status, message));
            if (_isReporting) return;
            _isReporting = true;
            _reporting = Task.Run(ReportAllAsync);
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        _stopping.Dispose();
    }

    private async Task ReportAllAsync()
    {
        while (Take() is { Count: > 0 } taken)
        {
            ImmutableArray<DeviceStatus> statuses = [.. taken.Select(item => item.Status)];
            var isReported = await Registry.RetryAsync("status", async token =>
            {
                await directory.ReportStatusesAsync(statuses, token);
                return true;
            }, metrics, time, logger, _stopping.Token);
            if (!isReported) return;

            foreach (var (_, message) in taken) message.ElementDone(null, logger);
        }
    }

    private List<(DeviceStatus Status, InboundMessage Message)> Take()
    {
        var taken = new List<(DeviceStatus, InboundMessage)>();
        lock (_gate)
        {
            while (taken.Count < MaxStatusesPerCall && _waiting.TryDequeue(out var item)) taken.Add(item);
            if (taken.Count == 0) _isReporting = false;
        }

        return taken;
    }
}
