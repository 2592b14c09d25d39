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
        var shell = new LinearRing(Unwrapped(outline));
        return new Polygon(shell, [.. holes.Select(hole => new LinearRing(Beside(Unwrapped(hole), shell.EnvelopeInternal)))]);
    }

    private static Coordinate[] Unwrapped(Coordinate[] ring)
    {
        var turned = new List<Coordinate>(ring.Length + 3);
        var turn = 0.0;
        for (var i = 0; i < ring.Length; i++)
        {
            // Whole turns only, so that a coordinate which needs none stays as it was given, to the last bit.
            if (i > 0 && Math.Abs(ring[i].X - ring[i - 1].X) > 180) turn -= 360 * Math.Round((ring[i].X - ring[i - 1].X) / 360);
            turned.Add(new Coordinate(ring[i].X + turn, ring[i].Y));
        }

        if (Math.Abs(turned[^1].X - turned[0].X) > 180) EncloseThePole(turned);
        return [.. turned];
    }

    private static void EncloseThePole(List<Coordinate> ring)
    {
        var pole = ring.Average(point => point.Y) >= 0 ? 90 : -90;
        var first = ring[0];
        ring.Add(new Coordinate(ring[^1].X, pole));
        ring.Add(new Coordinate(first.X, pole));
        ring.Add(first.Copy());
    }

    /// <summary>A hole in the same turn as its outline.</summary>
    private static Coordinate[] Beside(Coordinate[] hole, Envelope outline)
    {
        var middle = (hole.Min(point => point.X) + hole.Max(point => point.X)) / 2;
        var turns = Math.Round((outline.Centre.X - middle) / 360);
        return turns == 0 ? hole : [.. hole.Select(point => new Coordinate(point.X + (360 * turns), point.Y))];
    }
}
