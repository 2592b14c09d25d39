namespace FleetTracker.Ingestion;

/// <summary>How many lanes the installation has: stored at first start, read before a host is put together, constant ever after.</summary>
public interface ILaneCount
{
    int Count { get; }
}

/// <summary>The stored count.</summary>
public sealed class LaneCount : ILaneCount
{
    public LaneCount(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        Count = count;
    }

    public int Count { get; }
}
