namespace FleetTracker.Ingestion;

/// <summary>How many lanes this installation has. Read from the store before the silo starts, constant ever after.</summary>
public sealed class LaneCount
{
    private int _value;

    /// <summary>The stored count.</summary>
    public int Value => _value > 0 ? _value : throw new InvalidOperationException("The lane count is read from the store before the silo starts.");

    public void Set(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
        _value = value;
    }
}
