using FleetTracker.Devices;
using FleetTracker.Ingestion;

namespace FleetTracker.Mqtt;

/// <summary>
/// Who may read commands: a device its own, a gateway those of its tenant's devices. Whose a device is, is the registry's word; a name in a
/// topic or in a credential only claims it.
/// </summary>
internal sealed class CommandAccess(DeviceCache devices, TimeSpan deviceLifetime, TimeSpan patience, TimeProvider time)
{
    /// <summary>Whether the client may subscribe to this filter. Commands only; a device that nobody registered yet may wait for its first.</summary>
    public async ValueTask<bool> MaySubscribeAsync(ClientAccess access, string filter)
    {
        var claim = Claim.Parse(filter);
        if (claim.User.Length == 0 || (!access.IsGateway && claim.User != access.UserName)) return false;

        // Which devices this is shows with each command.
        if (claim.IsEveryDeviceOfUser) return !access.IsGateway;
        if (!DeviceIds.IsValid(claim.DeviceId)) return false;

        var (isKnown, record) = await FindAsync(claim.DeviceId);
        return isKnown && (record is null ? !access.IsGateway : record.Tenant == access.Tenant);
    }

    /// <summary>
    /// Whether this command may go to this session. A subscription may be older than the registration of its device, and one with a wildcard
    /// says nothing of tenants.
    /// </summary>
    public async ValueTask<bool> MayReceiveAsync(string sessionKey, string topic)
    {
        var claim = Claim.Parse(topic);
        return DeviceIds.IsValid(claim.DeviceId) && (await FindAsync(claim.DeviceId)).Record is { } record && SessionKeys.IsOf(sessionKey, record.Tenant);
    }

    private async ValueTask<(bool IsKnown, DeviceRecord? Record)> FindAsync(string deviceId)
    {
        try
        {
            return (true, await devices.FindAsync(deviceId, deviceLifetime).AsTask().WaitAsync(patience, time));
        }
        catch (TimeoutException)
        {
            return (false, null);
        }
    }

    /// <summary>What a command's topic or filter says; empty when it is none.</summary>
    private readonly record struct Claim(string User, string DeviceId)
    {
        private const string Fleet = "fleet/";
        private const string Command = "/command";

        public bool IsEveryDeviceOfUser => DeviceId.Length == User.Length + 2 && DeviceId.EndsWith(":+", StringComparison.Ordinal);

        public static Claim Parse(string filter)
        {
            if (filter.StartsWith(Fleet, StringComparison.Ordinal) && filter.EndsWith(Command, StringComparison.Ordinal) && filter.Length > Fleet.Length + Command.Length)
            {
                var deviceId = filter[Fleet.Length..^Command.Length];
                return new Claim(deviceId, deviceId);
            }

            return filter.Split('/') is ["owntracks", var user, var device, "cmd"] ? new Claim(user, $"{user}:{device}") : new Claim("", "");
        }
    }
}
