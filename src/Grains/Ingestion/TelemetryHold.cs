namespace FleetTracker.Ingestion;

/// <summary>Why this silo holds acknowledgements now, said once for readiness, the map and the log.</summary>
public sealed class TelemetryHold
{
    private string? _reason;

    /// <summary>A sentence for a person, or <c>null</c> when commits flow.</summary>
    public string? Reason => Volatile.Read(ref _reason);

    /// <summary>Raised on every change, on the writer's thread.</summary>
    public event Action? Changed;

    /// <summary>True when this changed anything.</summary>
    public bool Set(string? reason)
    {
        if (string.Equals(Interlocked.Exchange(ref _reason, reason), reason, StringComparison.Ordinal)) return false;
        Changed?.Invoke();
        return true;
    }
}
