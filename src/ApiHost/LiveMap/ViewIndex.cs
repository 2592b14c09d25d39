namespace FleetTracker.LiveMap;

/// <summary>
/// Who looks at a place. A viewport is filed under the cells of the finest level on which it covers few, so that a change asks three
/// dictionaries and not every connection. Not safe for threads: the replica's lock covers it.
/// </summary>
internal sealed class ViewIndex
{
    private const int MaxCells = 64;

    private static readonly CellGrid[] Levels = [new(0.1), new(1), new(10)];

    private readonly Dictionary<Cell, List<ConnectionView>>[] _levels = [.. Levels.Select(_ => new Dictionary<Cell, List<ConnectionView>>())];
    private readonly List<ConnectionView> _world = [];

    public void Add(ConnectionView connection, Viewport view)
    {
        foreach (var list in ListsOf(view, create: true)) list.Add(connection);
    }

    public void Remove(ConnectionView connection, Viewport view)
    {
        foreach (var list in ListsOf(view, create: false)) list.Remove(connection);
    }

    /// <summary>Adds whoever may see the place to <paramref name="seers"/>; their viewports have the last word.</summary>
    public void Collect(double latitude, double longitude, HashSet<ConnectionView> seers)
    {
        seers.UnionWith(_world);
        for (var i = 0; i < Levels.Length; i++)
        {
            if (_levels[i].Count > 0 && _levels[i].TryGetValue(Levels[i].Of(latitude, longitude), out var list)) seers.UnionWith(list);
        }
    }

    private IEnumerable<List<ConnectionView>> ListsOf(Viewport view, bool create)
    {
        for (var i = 0; i < Levels.Length; i++)
        {
            var range = Levels[i].Cover(view);
            if (range.Count > MaxCells) continue;
            foreach (var cell in range.Cells())
            {
                if (!_levels[i].TryGetValue(cell, out var list))
                {
                    if (!create) continue;
                    _levels[i][cell] = list = [];
                }

                yield return list;
                if (list.Count == 0) _levels[i].Remove(cell);
            }

            yield break;
        }

        yield return _world;
    }
}
