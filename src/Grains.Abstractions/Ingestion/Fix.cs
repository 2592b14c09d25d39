namespace FleetTracker.Ingestion;

/// <summary>What a fix alone decides about itself; it never depends on its neighbors or on the order of arrival.</summary>
public enum FixVerdict : short
{
    /// <summary>A position that a vehicle's state may be folded from.</summary>
    Accepted = 0,

    /// <summary>The device reported, but had no position (HFP null coordinates, Teltonika without satellites).</summary>
    NoPosition = 1,

    /// <summary>Exactly latitude 0, longitude 0: a receiver's default, not a place.</summary>
    NullIsland = 2,

    /// <summary>A position received later than the late window after it was fixed: kept in history, skipped by every fold.</summary>
    BeyondWindow = 3,

    /// <summary>Implausible beside its neighbors. Never of a stored row, whose neighbors may still come: an outcome says so, and answers show it.</summary>
    Excluded = 4,
}

/// <summary>
/// One observation by a device in canonical units, resolved to the vehicle that carried it. This is also the row of history: its key is
/// (<see cref="VehicleId"/>, <see cref="FixedAt"/>, <see cref="Digest"/>), and it is inserted once and never changed.
/// </summary>
[GenerateSerializer, Immutable, Alias("Fix")]
public sealed record Fix
{
    [Id(0)] public required string Tenant { get; init; }

    [Id(1)] public required string VehicleId { get; init; }

    [Id(2)] public required string DeviceId { get; init; }

    /// <summary>Satellite or device clock, UTC, whole microseconds.</summary>
    [Id(3)] public required DateTimeOffset FixedAt { get; init; }

    /// <summary>The bridge's clock when the message arrived, UTC, whole microseconds.</summary>
    [Id(4)] public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>XXH3-64 of the bytes that the decoder names for its format; frozen per format, never derived from <see cref="ReceivedAt"/>.</summary>
    [Id(5)] public required long Digest { get; init; }

    [Id(6)] public required FixVerdict Verdict { get; init; }

    /// <summary>WGS-84 degrees; <c>null</c> only with <see cref="FixVerdict.NoPosition"/>.</summary>
    [Id(7)] public double? Latitude { get; init; }

    /// <summary>WGS-84 degrees; <c>null</c> only with <see cref="FixVerdict.NoPosition"/>.</summary>
    [Id(8)] public double? Longitude { get; init; }

    [Id(9)] public double? AltitudeMeters { get; init; }

    [Id(10)] public double? SpeedMetersPerSecond { get; init; }

    /// <summary>Direction of travel, clockwise from true north, 0 ≤ h &lt; 360; <c>null</c> when not given.</summary>
    [Id(11)] public double? HeadingDegrees { get; init; }

    [Id(12)] public double? AccuracyMeters { get; init; }

    [Id(13)] public bool? Ignition { get; init; }

    [Id(14)] public double? OdometerMeters { get; init; }

    /// <summary>A JSON object with everything else that the device said (satellites, battery, alarm, …); <c>null</c> when there is nothing.</summary>
    [Id(15)] public string? Attributes { get; init; }
}
