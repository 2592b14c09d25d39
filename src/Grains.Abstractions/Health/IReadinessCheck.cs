namespace FleetTracker.Health;

/// <summary>How one thing that a host depends on is doing.</summary>
public enum ReadinessStatus : byte
{
    Ok = 0,

    /// <summary>Worse than it should be, but the host still does its work.</summary>
    Degraded = 1,

    /// <summary>The host cannot do its work; send traffic elsewhere.</summary>
    Failed = 2,
}

/// <summary>What a check found.</summary>
/// <param name="Detail">A sentence for a person; <c>null</c> when there is nothing to say. Never a secret.</param>
public readonly record struct ReadinessResult(ReadinessStatus Status, string? Detail = null)
{
    public static ReadinessResult Ok(string? detail = null) => new(ReadinessStatus.Ok, detail);

    public static ReadinessResult Degraded(string detail) => new(ReadinessStatus.Degraded, detail);

    public static ReadinessResult Failed(string detail) => new(ReadinessStatus.Failed, detail);
}

/// <summary>
/// One line of <c>/health/ready</c>, contributed through dependency injection by whichever feature knows. A check that throws or does not
/// answer within a few seconds has failed.
/// </summary>
public interface IReadinessCheck
{
    /// <summary>Lower case with hyphens, stable, for example <c>identity-database</c>.</summary>
    string Name { get; }

    ValueTask<ReadinessResult> CheckAsync(CancellationToken cancellationToken);
}
