using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FleetTracker.Geofences;

/// <summary>
/// A packed R-tree in one array of floats: items sorted along a Hilbert curve, eight to a node, the four sides of a node's boxes side by side so that
/// all eight are compared at once. Asked without allocation. Why not a library's: docs/adr/0022.
/// </summary>
internal sealed class FenceIndex
{
    private const int NodeSize = 8;
    private const int FloatsPerNode = 4 * NodeSize;

    private readonly Fence[] _items;

    // Node after node, the leaves first, then level by level up to the root. Within a node: 8 west sides, 8 south, 8 east, 8 north.
    private readonly float[] _boxes;
    private readonly int[] _levels;
    private readonly float _east = float.NegativeInfinity;

    public FenceIndex(IReadOnlyCollection<Fence> fences)
    {
        _items = Sorted(fences);
        _levels = Levels(_items.Length);
        // A slot that is not taken holds a box that meets nothing.
        _boxes = new float[_levels[^1] * FloatsPerNode];
        for (var i = 0; i < _boxes.Length; i++) _boxes[i] = i % FloatsPerNode < 2 * NodeSize ? float.PositiveInfinity : float.NegativeInfinity;

        for (var i = 0; i < _items.Length; i++)
        {
            var box = Rounded(_items[i].Bounds);
            Put(0, i, box);
            _east = Math.Max(_east, box.East);
        }

        for (var level = 1; level < _levels.Length - 1; level++)
        {
            for (var node = _levels[level - 1]; node < _levels[level]; node++) Put(_levels[level], node - _levels[level - 1], Around(node));
        }
    }

    public ReadOnlySpan<Fence> Items => _items;

    /// <summary>Adds what meets a box, each once.</summary>
    public void Near(GeoBox box, List<Fence> into)
    {
        if (_items.Length == 0) return;
        var asked = new Query(Rounded(box.Turned()), _east);
        Visit(_levels.Length - 2, _levels[^1] - 1, asked, into);
    }

    private void Visit(int level, int node, in Query asked, List<Fence> into)
    {
        var first = (node - _levels[level]) * NodeSize;
        if (level > 0) first += _levels[level - 1];
        for (var meets = asked.Meets(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_boxes), node * FloatsPerNode)); meets != 0; meets &= meets - 1)
        {
            var child = first + BitOperations.TrailingZeroCount(meets);
            if (level == 0) into.Add(_items[child]);
            else Visit(level - 1, child, asked, into);
        }
    }

    /// <summary>Where each level begins, in nodes, and where the last one ends.</summary>
    private static int[] Levels(int items)
    {
        var starts = new List<int> { 0 };
        var nodes = items;
        do
        {
            nodes = (nodes + NodeSize - 1) / NodeSize;
            starts.Add(starts[^1] + nodes);
        }
        while (nodes > 1);
        return [.. starts];
    }

    private static Fence[] Sorted(IReadOnlyCollection<Fence> fences)
    {
        var items = fences.ToArray();
        if (items.Length == 0) return items;

        var (west, south) = (items.Min(item => item.Bounds.West), items.Min(item => item.Bounds.South));
        var (width, height) = (items.Max(item => item.Bounds.East) - west, items.Max(item => item.Bounds.North) - south);
        var keys = Array.ConvertAll(items, item => HilbertCurve.At(
            Part((item.Bounds.West + item.Bounds.East) / 2, west, width), Part((item.Bounds.South + item.Bounds.North) / 2, south, height)));
        Array.Sort(keys, items);
        return items;
    }

    private static uint Part(double value, double from, double length) =>
        length > 0 ? (uint)Math.Clamp((value - from) / length * uint.MaxValue, 0, uint.MaxValue) : 0;

    /// <summary>Sides as floats, a meter too far out rather than one too near.</summary>
    private static FloatBox Rounded(GeoBox box) => new(
        MathF.BitDecrement((float)box.West), MathF.BitDecrement((float)box.South), MathF.BitIncrement((float)box.East), MathF.BitIncrement((float)box.North));

    private void Put(int firstNode, int slot, FloatBox box)
    {
        var at = ((firstNode + (slot / NodeSize)) * FloatsPerNode) + (slot % NodeSize);
        (_boxes[at], _boxes[at + NodeSize], _boxes[at + (2 * NodeSize)], _boxes[at + (3 * NodeSize)]) = (box.West, box.South, box.East, box.North);
    }

    private FloatBox Around(int node)
    {
        var at = node * FloatsPerNode;
        var (west, south, east, north) = (float.PositiveInfinity, float.PositiveInfinity, float.NegativeInfinity, float.NegativeInfinity);
        for (var i = at; i < at + NodeSize; i++)
        {
            west = Math.Min(west, _boxes[i]);
            south = Math.Min(south, _boxes[i + NodeSize]);
            east = Math.Max(east, _boxes[i + (2 * NodeSize)]);
            north = Math.Max(north, _boxes[i + (3 * NodeSize)]);
        }

        return new FloatBox(west, south, east, north);
    }

    private readonly record struct FloatBox(float West, float South, float East, float North);

    /// <summary>A box to compare with those of a node at once.</summary>
    private readonly struct Query
    {
        private readonly Vector256<float> _west;
        private readonly Vector256<float> _south;
        private readonly Vector256<float> _east;
        private readonly Vector256<float> _north;
        private readonly float _otherTurn;

        public Query(FloatBox box, float furthestEast)
        {
            _west = Vector256.Create(box.West);
            _south = Vector256.Create(box.South);
            _east = Vector256.Create(box.East);
            _north = Vector256.Create(box.North);
            // All boxes begin within -180 to 180. One that is asked beyond 180 may meet those that begin at -180 or later; any other may meet those that
            // count on past 180. Both at once is not needed: what reaches so far east meets such a box in its own turn.
            _otherTurn = box.East >= 180 ? -360 : furthestEast >= box.West + 360 ? 360 : 0;
        }

        /// <param name="node">The first of its boxes. The caller's node is one of the tree's, so all of them are there.</param>
        public uint Meets(ref float node)
        {
            var (west, south) = (Vector256.LoadUnsafe(ref node), Vector256.LoadUnsafe(ref node, NodeSize));
            var (east, north) = (Vector256.LoadUnsafe(ref node, 2 * NodeSize), Vector256.LoadUnsafe(ref node, 3 * NodeSize));
            var across = Vector256.LessThanOrEqual(west, _east) & Vector256.GreaterThanOrEqual(east, _west);
            if (_otherTurn != 0)
            {
                var turn = Vector256.Create(_otherTurn);
                across |= Vector256.LessThanOrEqual(west, _east + turn) & Vector256.GreaterThanOrEqual(east, _west + turn);
            }

            return (across & Vector256.LessThanOrEqual(south, _north) & Vector256.GreaterThanOrEqual(north, _south)).ExtractMostSignificantBits();
        }
    }
}
