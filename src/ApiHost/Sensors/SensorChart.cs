namespace FleetTracker.Sensors;

/// <summary>Gathers samples into equal spans of time, in one pass and in memory that their number does not change. Pure.</summary>
internal sealed class SensorChart
{
    private readonly DateTimeOffset _from;
    private readonly TimeSpan _span;
    private readonly Bucket[] _buckets;

    public SensorChart(DateTimeOffset from, DateTimeOffset to, int points)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(to, from);
        (_from, _span, _buckets) = (from, to - from, new Bucket[points]);
    }

    public TimeSpan BucketLength => _span / _buckets.Length;

    /// <summary>Samples come in ascending order, from the beginning inclusive to the end exclusive.</summary>
    public void Add(DateTimeOffset at, double value)
    {
        // More than a long holds: a century in ticks times thousands.
        ref var bucket = ref _buckets[(int)((Int128)(at - _from).Ticks * _buckets.Length / _span.Ticks)];
        bucket.Min = bucket.Count == 0 ? value : Math.Min(bucket.Min, value);
        bucket.Max = bucket.Count == 0 ? value : Math.Max(bucket.Max, value);
        bucket.Sum += value;
        bucket.Last = value;
        bucket.Count++;
    }

    public IReadOnlyList<SensorBucketView> Read()
    {
        var read = new List<SensorBucketView>();
        for (var i = 0; i < _buckets.Length; i++)
        {
            ref readonly var bucket = ref _buckets[i];
            if (bucket.Count > 0) read.Add(new SensorBucketView(BeginOf(i), bucket.Count, bucket.Min, bucket.Max, bucket.Sum / bucket.Count, bucket.Last));
        }

        return read;
    }

    /// <summary>The first instant of a span, up to the next whole microsecond: fixes have no smaller part.</summary>
    private DateTimeOffset BeginOf(int i)
    {
        var part = (Int128)_buckets.Length * TimeSpan.TicksPerMicrosecond;
        return _from + TimeSpan.FromMicroseconds((long)((((Int128)_span.Ticks * i) + part - 1) / part));
    }

    private struct Bucket
    {
        public int Count;
        public double Min;
        public double Max;
        public double Sum;
        public double Last;
    }
}
