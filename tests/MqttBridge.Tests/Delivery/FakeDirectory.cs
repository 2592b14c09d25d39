using System.Collections.Concurrent;
using System.Collections.Immutable;
using FleetTracker.Devices;

namespace FleetTracker.Ingestion;

/// <summary>A registry in memory. Every device is its own vehicle unless a test says otherwise.</summary>
internal sealed class FakeDirectory : IDeviceDirectory
{
    public const string Tenant = "acme";

    public ConcurrentDictionary<string, DeviceRecord> Devices { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, MqttAccess> Credentials { get; } = new(StringComparer.Ordinal);

    public ConcurrentQueue<DeviceStatus> Statuses { get; } = new();

    public ConcurrentQueue<ImmutableArray<string>> Asked { get; } = new();

    public ConcurrentQueue<(string DeviceId, Enrollment Enrollment)> Enrolled { get; } = new();

    /// <summary>Thrown by every call while it is set.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Thrown by every look-up of a device while it is set; everything else is answered.</summary>
    public Exception? LookupFailure { get; set; }

    /// <summary>Signaled with every call.</summary>
    public SemaphoreSlim Calls { get; } = new(0);

    public FakeDirectory Add(string deviceId, string tenant = Tenant, string? vehicleId = null)
    {
        Devices[deviceId] = Record(deviceId, tenant, new Pairing(vehicleId ?? $"v-{deviceId}", null, null));
        Credentials[deviceId] = new MqttAccess { Kind = MqttAccessKind.Device, Tenant = tenant };
        return this;
    }

    public static DeviceRecord Record(string deviceId, string tenant, params Pairing[] pairings) =>
        new() { DeviceId = deviceId, Tenant = tenant, Pairings = [.. pairings] };

    public Task<ImmutableArray<DeviceRecord?>> FindAsync(ImmutableArray<string> deviceIds, CancellationToken cancellationToken)
    {
        Asked.Enqueue(deviceIds);
        Calls.Release();
        if ((LookupFailure ?? Failure) is { } failure) throw failure;
        return Task.FromResult<ImmutableArray<DeviceRecord?>>([.. deviceIds.Select(id => Devices.GetValueOrDefault(id))]);
    }

    public Task<DeviceRecord?> EnrollAsync(string deviceId, Enrollment enrollment, CancellationToken cancellationToken)
    {
        Enrolled.Enqueue((deviceId, enrollment));
        Calls.Release();
        if (Failure is not null) throw Failure;
        return Task.FromResult<DeviceRecord?>(Devices.GetOrAdd(deviceId, id => Record(id, enrollment.Tenant, new Pairing($"v-{id}", null, null))));
    }

    public Task<MqttAccess> AuthenticateAsync(string userName, string password, CancellationToken cancellationToken)
    {
        if (Failure is not null) throw Failure;
        return Task.FromResult(password == "secret" && Credentials.TryGetValue(userName, out var access)
            ? access
            : new MqttAccess { Kind = MqttAccessKind.None, Refusal = "wrong_key" });
    }

    public Task ReportStatusesAsync(ImmutableArray<DeviceStatus> statuses, CancellationToken cancellationToken)
    {
        if (Failure is not null) throw Failure;
        foreach (var status in statuses) Statuses.Enqueue(status);
        Calls.Release();
        return Task.CompletedTask;
    }
}
