namespace FleetTracker.Simulation;

/// <summary>User name and password of a CONNECT; both <c>null</c> for an anonymous one.</summary>
public sealed record MqttCredentials(string? UserName, string? Password)
{
    public static readonly MqttCredentials Anonymous = new(null, null);

    // Records print all their members, and this one holds a secret.
    public override string ToString() => $"{UserName ?? "anonymous"}";
}

/// <summary>
/// Where to publish and as whom: a gateway speaks for all devices over a few connections, with an enrollment key every device has a
/// connection of its own under its own name.
/// </summary>
public sealed record MqttTarget
{
    public string Host { get; init; } = "127.0.0.1";

    public int Port { get; init; } = 1883;

    /// <summary>A gateway's credentials; used unless <see cref="EnrollmentKey"/> is set.</summary>
    public MqttCredentials Gateway { get; init; } = MqttCredentials.Anonymous;

    /// <summary>A tenant's enrollment key; <c>null</c> = publish as a gateway.</summary>
    public string? EnrollmentKey { get; init; }

    /// <summary>How many connections a gateway uses. Vehicles are spread over them by their id, so each stays in order. Default: 4.</summary>
    public int GatewayConnections { get; init; } = 4;

    /// <summary>Publishes that one connection may have unacknowledged. Default: 200 for a gateway, 16 for a device.</summary>
    public int? Window { get; init; }

    public override string ToString() => $"{Host}:{Port} as {(EnrollmentKey is null ? Gateway.ToString() : "each device")}";
}
