using NetTopologySuite.Geometries;

namespace FleetTracker.Geofences;

/// <summary>
/// Longitudes that count on instead of jumping: two neighbors of a ring are joined the short way round, so an outline over the antimeridian is one
/// piece, with longitudes beyond ±180. An outline that goes once around the Earth encloses the nearer pole.
/// </summary>
internal static class Longitudes
{
    public static Polygon Polygon(Coordinate[] outline, Coordinate[][] holes)
    {
        var shell = new LinearRing(UnwrappedRing(outline));
        return new Polygon(shell, [.. holes.Select(hole => new LinearRing(Beside(UnwrappedRing(hole), shell.EnvelopeInternal)))]);
    }

    /// <summary>A line through points, each in the turn next to the one before. Changes the array.</summary>
    public static Coordinate[] Unwrapped(Coordinate[] line)
    {
        var (turn, before) = (0.0, line[0].X);
        for (var i = 1; i < line.Length; i++)
        {
            // Whole turns only, so that a coordinate which needs none stays as it was given, to the last bit.
            var given = line[i].X;
            if (Math.Abs(given - before) > 180) turn -= 360 * Math.Round((given - before) / 360);
            if (turn != 0) line[i] = new Coordinate(given + turn, line[i].Y);
            before = given;
        }

        return line;
    }

    private static Coordinate[] UnwrappedRing(Coordinate[] ring)
    {
        var turned = Unwrapped(ring);
        return Math.Abs(turned[^1].X - turned[0].X) > 180 ? WithPole(turned) : turned;
    }

    private static Coordinate[] WithPole(Coordinate[] ring)
    {
        var pole = ring.Average(point => point.Y) >= 0 ? 90 : -90;
        var first = ring[0];
        return [.. ring, new Coordinate(ring[^1].X, pole), new Coordinate(first.X, pole), first.Copy()];
    }

    /// <summary>A hole in the same turn as its outline.</summary>
    private static Coordinate[] Beside(Coordinate[] hole, Envelope outline)
    {
        var middle = (hole.Min(point => point.X) + hole.Max(point => point.X)) / 2;
        var turns = Math.Round((outline.Centre.X - middle) / 360);
        return turns == 0 ? hole : [.. hole.Select(point => new Coordinate(point.X + (360 * turns), point.Y))];
    }
}
