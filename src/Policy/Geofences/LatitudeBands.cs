namespace FleetTracker.Geofences;

/// <summary>
/// Which lines of a long outline lie at a latitude. Whether a point is inside depends on the lines at its latitude alone, so bands are all the index
/// that exact answers need.
/// </summary>
internal sealed class LatitudeBands
{
    /// <summary>Below, looking at every line is as fast.</summary>
    private const int MinLines = 48;

    /// <summary>A line is in all bands that it passes; with fewer bands where that would be more than this many for a line, on average.</summary>
    private const int MaxEntriesPerLine = 4;

    private readonly double _south;
    private readonly double _bandsPerDegree;
    private readonly int[] _starts;
    private readonly int[] _lines;

    private LatitudeBands(double south, double bandsPerDegree, int[] starts, int[] lines) =>
        (_south, _bandsPerDegree, _starts, _lines) = (south, bandsPerDegree, starts, lines);

    public int Count => _starts.Length - 1;

    /// <param name="latitudes">Line i joins points i and i + 1. NaN between outlines.</param>
    /// <param name="reachDegrees">How far from a line, in latitude, it is to be found.</param>
    public static LatitudeBands? Of(ReadOnlySpan<double> latitudes, double reachDegrees)
    {
        var lines = latitudes.Length - 1;
        if (lines < MinLines) return null;

        double south = double.PositiveInfinity, north = double.NegativeInfinity;
        foreach (var latitude in latitudes)
        {
            if (latitude < south) south = latitude;
            if (latitude > north) north = latitude;
        }

        (south, north) = (south - reachDegrees, north + reachDegrees);
        for (var bands = Math.Min(lines / 2, 1 << 16); ; bands /= 2)
        {
            if (bands <= 1) return null;
            var starts = new int[bands + 1];
            var perDegree = bands / (north - south);
            var entries = Tally(latitudes, reachDegrees, south, perDegree, starts);
            if (entries <= (long)lines * MaxEntriesPerLine) return new LatitudeBands(south, perDegree, starts, Fill(latitudes, reachDegrees, south, perDegree, starts));
        }
    }

    /// <summary>The band of a latitude; the first or the last one beyond.</summary>
    public int BandAt(double latitude) => Band(latitude, _south, _bandsPerDegree, Count);

    public ReadOnlySpan<int> In(int band) => _lines.AsSpan(_starts[band], _starts[band + 1] - _starts[band]);

    /// <summary>The southern edge of a band; of the band after the last one, the northern edge of all.</summary>
    public double South(int band) => _south + (band / _bandsPerDegree);

    // The same arithmetic for lines and for points, and it never decreases: a point at the latitude of a line finds it, whatever is rounded.
    private static int Band(double latitude, double south, double perDegree, int bands) => (int)Math.Clamp((latitude - south) * perDegree, 0, bands - 1);

    private static long Tally(ReadOnlySpan<double> latitudes, double reach, double south, double perDegree, int[] starts)
    {
        var entries = 0L;
        for (var line = 0; line < latitudes.Length - 1; line++)
        {
            if (!TryBands(latitudes, line, reach, south, perDegree, starts.Length - 1, out var first, out var last)) continue;
            for (var band = first; band <= last; band++) starts[band + 1]++;
            entries += last - first + 1;
        }

        for (var band = 1; band < starts.Length; band++) starts[band] += starts[band - 1];
        return entries;
    }

    private static int[] Fill(ReadOnlySpan<double> latitudes, double reach, double south, double perDegree, int[] starts)
    {
        var lines = new int[starts[^1]];
        var next = starts.AsSpan(0, starts.Length - 1).ToArray();
        for (var line = 0; line < latitudes.Length - 1; line++)
        {
            if (!TryBands(latitudes, line, reach, south, perDegree, starts.Length - 1, out var first, out var last)) continue;
            for (var band = first; band <= last; band++) lines[next[band]++] = line;
        }

        return lines;
    }

    private static bool TryBands(ReadOnlySpan<double> latitudes, int line, double reach, double south, double perDegree, int bands, out int first, out int last)
    {
        var (a, b) = (latitudes[line], latitudes[line + 1]);
        (first, last) = (0, 0);
        if (double.IsNaN(a + b)) return false;
        first = Band(Math.Min(a, b) - reach, south, perDegree, bands);
        last = Band(Math.Max(a, b) + reach, south, perDegree, bands);
        return true;
    }
}
