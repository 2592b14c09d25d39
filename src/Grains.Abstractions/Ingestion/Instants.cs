namespace FleetTracker.Ingestion;

/// <summary>Instants as they are stored: microseconds since 1970-01-01T00:00:00Z, the finest step that every store keeps.</summary>
public static class Instants
{
    /// <summary>Microseconds since the Unix epoch, rounded down.</summary>
    public static long ToUnixMicroseconds(this DateTimeOffset instant) =>
        (instant.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The instant with zero offset.</summary>
    public static DateTimeOffset FromUnixMicroseconds(long microseconds) =>
        new(DateTimeOffset.UnixEpoch.UtcTicks + (microseconds * TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    /// <summary>The same instant in UTC without what a store could not keep, so that a key compares equal before and after storing.</summary>
    public static DateTimeOffset ToStored(this DateTimeOffset instant) =>
        new(instant.UtcTicks - (instant.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
