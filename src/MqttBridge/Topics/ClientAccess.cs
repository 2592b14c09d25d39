using FleetTracker.Devices;

namespace FleetTracker.Mqtt;

/// <summary>For whom a connection speaks. One instance per connection.</summary>
internal sealed class ClientAccess
{
    private const string GatewayPrefix = "gateway:";

    public ClientAccess(MqttAccess access, string userName)
    {
        Access = access;
        UserName = userName;
        EnrolledBy = access.Kind == MqttAccessKind.Gateway ? userName : "enrollment-key";
    }

    private ClientAccess(string tenant, bool mayEnroll)
    {
        Access = new MqttAccess { Kind = MqttAccessKind.Gateway, Tenant = tenant, MayEnroll = mayEnroll };
        UserName = "";
        EnrolledBy = "broker";
        SpeaksForAnyTenant = true;
    }

    public MqttAccess Access { get; }

    public string UserName { get; }

    /// <summary>The credential, as the audit names it.</summary>
    public string EnrolledBy { get; }

    /// <summary>Client mode: the broker in front has authenticated, and a known device keeps its own tenant.</summary>
    public bool SpeaksForAnyTenant { get; }

    public string Tenant => Access.Tenant;

    public bool IsGateway => Access.Kind == MqttAccessKind.Gateway;

    /// <summary>What arrives from a broker in front of us. Unknown devices go to <paramref name="tenant"/>, when they may.</summary>
    public static ClientAccess FromBroker(string tenant, bool mayEnroll) => new(tenant, mayEnroll);

    /// <summary>Whether a user name could ever be granted anything: a device id, or a gateway's name.</summary>
    public static bool IsLegalUserName(string userName) =>
        DeviceIds.IsValid(userName) && (!userName.StartsWith(GatewayPrefix, StringComparison.Ordinal) || userName.Length > GatewayPrefix.Length);

    /// <summary>Whether a message on this topic is this client's to send.</summary>
    public bool MayPublish(string topic, in TopicName name)
    {
        if (SpeaksForAnyTenant) return true;
        if (!IsGateway) return string.Equals(name.Owner, UserName, StringComparison.Ordinal);
        if (Access.TopicFilters.IsDefaultOrEmpty) return true;

        foreach (var filter in Access.TopicFilters)
        {
            if (TopicFilter.Matches(filter, topic)) return true;
        }

        return false;
    }
}
