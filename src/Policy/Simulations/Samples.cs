namespace FleetTracker.Simulations;

/// <summary>The middle of many numbers, from few of them, always the same few.</summary>
internal sealed class Samples
{
    private const int Most = 4_096;

    private readonly List<double> _kept = [];
    private int _stride = 1;
    private int _seen;

    /// <summary><c>null</c> when there was none.</summary>
    public double? Median
    {
        get
        {
            if (_kept.Count == 0) return null;
            var sorted = _kept.Order().ToList();
            return sorted[sorted.Count / 2];
        }
    }

    public void Add(double value)
    {
        if (_seen++ % _stride != 0) return;
        _kept.Add(value);
        if (_kept.Count < Most) return;

        // Every second one stays, and of what comes only as many are taken.
        for (var i = 0; i < Most / 2; i++) _kept[i] = _kept[2 * i];
        _kept.RemoveRange(Most / 2, Most / 2);
        _stride *= 2;
    }
}
