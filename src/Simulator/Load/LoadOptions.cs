namespace FleetTracker.Simulation;

/// <summary>The two ways in which fleets reach a server.</summary>
public enum LoadShape
{
    /// <summary>Many connections, each a tracker that waits for its acknowledgement before it sends the next fix.</summary>
    Devices,

    /// <summary>A few connections that speak for many trackers, with many publishes in flight.</summary>
    Gateways,
}

/// <summary>What load to put on a server. Everything left <c>null</c> follows from the shape.</summary>
public sealed record LoadOptions
{
    public string Host { get; init; } = "127.0.0.1";

    public int Port { get; init; } = 1883;

    public required LoadShape Shape { get; init; }

    /// <summary>Default: 1,000 in <c>devices</c>, 4 in <c>gateways</c>.</summary>
    public int? Connections { get; init; }

    /// <summary>Unacknowledged publishes per connection. Default: 1 in <c>devices</c>, 200 in <c>gateways</c>.</summary>
    public int? Window { get; init; }

    /// <summary>In <c>gateways</c>: vehicles spoken for, at most 10 million. In <c>devices</c> each connection is one. Default: 1,000.</summary>
    public int? Vehicles { get; init; }

    /// <summary>Fixes per second over all connections; 0 = as fast as they are acknowledged.</summary>
    public double Rate { get; init; }

    /// <summary>How long to measure, unless <see cref="Count"/> ends it before.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Acknowledged fixes after which the measurement ends; <c>null</c> = by time alone.</summary>
    public long? Count { get; init; }

    /// <summary>0 or 1. At 0 a fix counts as acknowledged when the socket has taken it.</summary>
    public int Qos { get; init; } = 1;

    /// <summary>Load before the measurement and after every vehicle has sent its first fix. Default: 2 s.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Credentials of the connections in <c>gateways</c>, and in <c>devices</c> without <see cref="EnrollmentKey"/>.</summary>
    public MqttCredentials Credentials { get; init; } = MqttCredentials.Anonymous;

    /// <summary>In <c>devices</c>: each connection's password, its user name being the device's id.</summary>
    public string? EnrollmentKey { get; init; }

    /// <summary>The device ids are this and seven digits. Default: <c>load-</c>.</summary>
    public string DevicePrefix { get; init; } = "load-";

    /// <summary>MQTT keep-alive announced; 0 = none. No PINGREQ is sent, so it must be longer than the distance of fixes.</summary>
    public TimeSpan KeepAlive { get; init; }

    /// <summary>How long to wait for acknowledgements after the end. Default: 30 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    internal int ConnectionCount => Connections ?? (Shape == LoadShape.Devices ? 1_000 : 4);

    internal int WindowSize => Window ?? (Shape == LoadShape.Devices ? 1 : 200);

    internal int VehicleCount => Shape == LoadShape.Devices ? ConnectionCount : Math.Max(Vehicles ?? 1_000, ConnectionCount);

    /// <summary>The id of a vehicle's device.</summary>
    public string DeviceId(int vehicle) => $"{DevicePrefix}{vehicle:D7}";

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ConnectionCount, 1, nameof(Connections));
        ArgumentOutOfRangeException.ThrowIfLessThan(WindowSize, 1, nameof(Window));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(WindowSize, 60_000, nameof(Window));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(VehicleCount, 10_000_000, nameof(Vehicles));
        ArgumentOutOfRangeException.ThrowIfNegative(Rate, nameof(Rate));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Qos, 1, nameof(Qos));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(DeviceId(0).Length, DeviceNames.MaxLength, nameof(DevicePrefix));
    }
}

/// <summary>What a load run measured. <see cref="CpuMicrosecondsPerFix"/> is the generator's own cost: what it takes away from the server.</summary>
public sealed record LoadReport
{
    public required LoadShape Shape { get; init; }

    public required int Connections { get; init; }

    public required int Window { get; init; }

    public required int Vehicles { get; init; }

    public required int Qos { get; init; }

    public required double Seconds { get; init; }

    /// <summary>Within the measurement; <see cref="TotalAcknowledged"/> has the warm-up and the end as well.</summary>
    public required long Acknowledged { get; init; }

    public required double RatePerSecond { get; init; }

    public required double P50Ms { get; init; }

    public required double P90Ms { get; init; }

    public required double P99Ms { get; init; }

    public required double P999Ms { get; init; }

    public required double MaxMs { get; init; }

    public required double CpuMicrosecondsPerFix { get; init; }

    /// <summary>How far the generator was behind its schedule at worst, which latencies do not show; 0 without a rate.</summary>
    public required double MaxLagMs { get; init; }

    public required long LostConnections { get; init; }

    public required long Resent { get; init; }

    public required long TotalSent { get; init; }

    public required long TotalAcknowledged { get; init; }

    /// <summary>Never acknowledged, although waited for.</summary>
    public required long Unacknowledged { get; init; }
}
