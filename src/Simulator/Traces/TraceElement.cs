namespace FleetTracker.Simulation;

/// <summary>One element of a recording, ready to be published: what a tracker said, and what it said it in.</summary>
public sealed record TraceElement
{
    /// <summary>The id under which the server knows the device.</summary>
    public required string DeviceId { get; init; }

    public required string Topic { get; init; }

    /// <summary>The bytes to publish. Two elements of a device with equal bytes are the same element.</summary>
    public required byte[] Payload { get; init; }

    public required DateTimeOffset FixedAt { get; init; }

    /// <summary>When it arrived where it was recorded; what the pace of a replay follows.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary><c>null</c> when the device reported without a position.</summary>
    public double? Latitude { get; init; }

    public double? Longitude { get; init; }

    public double? SpeedMetersPerSecond { get; init; }

    public double? HeadingDegrees { get; init; }

    public double? AccuracyMeters { get; init; }
}

/// <summary>A recording has a line that no format explains.</summary>
public sealed class TraceFormatException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>How the times of a recording are moved.</summary>
public enum Rebase
{
    /// <summary>Times stay as they were recorded.</summary>
    None,

    /// <summary>The newest fix of the file happens now, everything else before it.</summary>
    Now,

    /// <summary>The oldest fix of the file happens now, so a replay in real time looks live.</summary>
    First,
}
