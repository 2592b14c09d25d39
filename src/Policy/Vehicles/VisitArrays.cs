namespace FleetTracker.Vehicles;

/// <summary>An array belongs to one state, so what is given up here serves the next state that needs its length: visits that come and go allocate nothing.</summary>
internal static class VisitArrays
{
    /// <summary>Longer arrays of visits are not kept: few vehicles are in so many fences at once.</summary>
    private const int MaxSpareLength = 8;

    private const int MaxSpares = 4;

    [ThreadStatic]
    private static Stack<FenceVisit[]>[]? _spares;

    public static FenceVisit[] Exchange(FenceVisit[] old, int length)
    {
        var spares = _spares ??= [.. Enumerable.Range(0, MaxSpareLength + 1).Select(_ => new Stack<FenceVisit[]>(MaxSpares))];
        if (old.Length is > 0 and <= MaxSpareLength && spares[old.Length].Count < MaxSpares) spares[old.Length].Push(old);
        if (length == 0) return [];
        return length <= MaxSpareLength && spares[length].TryPop(out var spare) ? spare : new FenceVisit[length];
    }
}
