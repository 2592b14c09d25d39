using System.Collections.Immutable;
using FleetTracker.Storage;
using Orleans.Concurrency;

namespace FleetTracker.Devices;

/// <summary>Look-ups for bridges. Keeps nothing: bridges cache, the registry is the truth.</summary>
[StatelessWorker]
[Reentrant]
internal sealed class DeviceDirectoryGrain(IFleetStore store) : Grain, IDeviceDirectoryGrain
{
    private const string GatewayPrefix = "gateway:";

    public async ValueTask<ImmutableArray<DeviceRecord?>> FindAsync(ImmutableArray<string> deviceIds) =>
        [.. await store.FindDevicesAsync(deviceIds, CancellationToken.None)];

    public async ValueTask<MqttAccess> AuthenticateAsync(string userName, string password)
    {
        ArgumentNullException.ThrowIfNull(userName);
        ArgumentNullException.ThrowIfNull(password);
        if (userName.StartsWith(GatewayPrefix, StringComparison.Ordinal)) return await GatewayAsync(userName[GatewayPrefix.Length..], password);
        if (!DeviceIds.IsValid(userName)) return Refused("illegal_device_id");

        var tenant = await store.FindEnrollmentKeyAsync(MqttSecrets.Hash(password), CancellationToken.None);
        return tenant is null
            ? Refused("wrong_key")
            : new MqttAccess { Kind = MqttAccessKind.EnrollmentKey, Tenant = tenant, MayEnroll = true };
    }

    public async ValueTask ReportStatusesAsync(ImmutableArray<DeviceStatus> statuses) =>
        await store.StoreDeviceStatusesAsync(statuses, CancellationToken.None);

    private async Task<MqttAccess> GatewayAsync(string name, string password)
    {
        var gateway = await store.FindGatewayAsync(name, CancellationToken.None);
        if (gateway is null || !MqttSecrets.Matches(gateway.SecretHash, password)) return Refused("wrong_key");
        return new MqttAccess
        {
            Kind = MqttAccessKind.Gateway,
            Tenant = gateway.Tenant,
            TopicFilters = gateway.TopicFilters,
            Group = gateway.Group,
            MayEnroll = gateway.MayEnroll,
        };
    }

    private static MqttAccess Refused(string reason) => new() { Kind = MqttAccessKind.None, Refusal = reason };
}
