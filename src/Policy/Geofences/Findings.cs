namespace FleetTracker.Geofences;

/// <summary>A stretch of a way, by parts of it from 0 to 1.</summary>
internal readonly record struct Stretch(double From, double To)
{
    /// <summary>How much of the way is in at least one of the stretches. Sorts them.</summary>
    public static double Union(Span<Stretch> stretches)
    {
        stretches.Sort(static (a, b) => a.From.CompareTo(b.From));
        double total = 0, reached = 0;
        foreach (var (from, to) in stretches)
        {
            if (to <= reached) continue;
            total += to - Math.Max(from, reached);
            reached = to;
        }

        return total;
    }
}

/// <summary>A list that lives in the caller's stack until it needs more.</summary>
internal ref struct Findings<T>(Span<T> room)
{
    private Span<T> _room = room;
    private int _count;

    public readonly Span<T> All => _room[.._count];

    public void Add(T found)
    {
        if (_count == _room.Length)
        {
            var larger = new T[Math.Max(16, 2 * _count)];
            _room.CopyTo(larger);
            _room = larger;
        }

        _room[_count++] = found;
    }
}
