using System.Security.Cryptography;
using System.Threading.Channels;
using FleetTracker.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FleetTracker.Devices;

/// <summary>
/// Registers first contacts in batches: a depot that switches on its whole fleet costs a few transactions, not one per device. Bounded; a
/// caller waits for room.
/// </summary>
internal sealed partial class DeviceRegistrar(IFleetStore store, TimeProvider time, ILogger<DeviceRegistrar> logger) : BackgroundService
{
    private const int BatchSize = 500;

    private readonly Channel<Request> _requests = Channel.CreateBounded<Request>(new BoundedChannelOptions(4 * BatchSize) { SingleReader = true });

    public async Task<DeviceRecord?> RegisterAsync(string deviceId, Enrollment enrollment, CancellationToken cancellationToken)
    {
        var request = new Request(new NewDevice
        {
            DeviceId = deviceId,
            Tenant = enrollment.Tenant,
            VehicleId = NewVehicleId(),
            VehicleName = deviceId,
            Group = enrollment.Group,
            RegisteredBy = enrollment.By,
            RegisteredAt = time.GetUtcNow(),
        });
        await _requests.Writer.WriteAsync(request, cancellationToken);
        return await request.Answer.Task.WaitAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<Request>(BatchSize);
        try
        {
            while (await _requests.Reader.WaitToReadAsync(stoppingToken))
            {
                while (batch.Count < BatchSize && _requests.Reader.TryRead(out var request)) batch.Add(request);
                await RegisterAsync(batch, stoppingToken);
                batch.Clear();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task RegisterAsync(List<Request> batch, CancellationToken cancellationToken)
    {
        try
        {
            var records = await store.RegisterDevicesAsync(batch.ConvertAll(request => request.Device), cancellationToken);
            for (var i = 0; i < batch.Count; i++) batch[i].Answer.TrySetResult(records[i]);
        }
        catch (Exception error)
        {
            // The bridge holds the fixes back and asks again; nobody was refused.
            LogFailed(error, batch.Count);
            foreach (var request in batch) request.Answer.TrySetException(error);
        }
    }

    // 80 random bits: short enough for an address bar, far from colliding in any installation.
    private static string NewVehicleId() => string.Concat("v", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10)));

    [LoggerMessage(2610, LogLevel.Warning, "{Count} first contacts could not be registered yet")]
    private partial void LogFailed(Exception error, int count);

    private sealed record Request(NewDevice Device)
    {
        public TaskCompletionSource<DeviceRecord?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
