using FleetTracker.Geodesy;

namespace FleetTracker.Geofences;

/// <summary>A line straight in degrees, and geodesic distances to it. A line without length is a point.</summary>
internal readonly struct Line(double latitude1, double longitude1, double latitude2, double longitude2)
{
    private const double GoldenRatio = 0.6180339887498949;

    // Of the part of a way at which it is nearest. Distances there change with the square of it.
    private const double Fine = 1e-10;

    private bool IsPoint => latitude1 == latitude2 && longitude1 == longitude2;

    private GeoBox Bounds => new(
        Math.Min(longitude1, longitude2), Math.Min(latitude1, latitude2), Math.Max(longitude1, longitude2), Math.Max(latitude1, latitude2));

    private double Middle => (longitude1 + longitude2) / 2;

    /// <summary>Whether a point is within some meters, to a few hundred-thousandths of them. Few points need more than the flat map.</summary>
    public bool IsWithin(double meters, in LocalFrame point)
    {
        if (MetersNorth(point.Latitude) > meters) return false;
        if (IsPoint) return MetersTo(0, point) <= meters;
        if (meters > point.TrustedMeters) return Meters(point) <= meters;

        // Beyond twice the error of the flat map it decides.
        return Squared(point, out var part) <= 1.04 * meters * meters && MetersTo(part, point) <= meters;
    }

    /// <summary>Meters to the nearest point of the line, to a few hundred-thousandths, at any distance.</summary>
    public double Meters(in LocalFrame point)
    {
        Squared(point, out var part);
        var meters = MetersTo(part, point);
        return IsPoint || meters <= point.TrustedMeters ? meters : MetersFarAway(part, point);
    }

    /// <summary>Square of the distance on the flat map, and the part of the line that is nearest there.</summary>
    public double Squared(in LocalFrame point, out double part) =>
        point.Beside(Middle).Squared(latitude1, longitude1, latitude2, longitude2, out part);

    public double MetersTo(double part, in LocalFrame point) => LocalDistance.Meters(
        point.Latitude, point.Longitude, latitude1 + (part * (latitude2 - latitude1)), longitude1 + (part * (longitude2 - longitude1)));

    /// <summary>The stretch of a way that is within some meters of the line: one, since both are straight.</summary>
    public bool TryStretch(in Way way, double meters, out Stretch stretch)
    {
        stretch = default;
        if (!MayReach(way, meters, out var nearest)) return false;

        var (first, last) = (Excess(way, 0, meters), Excess(way, 1, meters));
        if (first <= 0 && last <= 0) stretch = new Stretch(0, 1);
        else if (first <= 0) stretch = new Stretch(0, Boundary(way, meters, 0, first, 1, last));
        else if (last <= 0) stretch = new Stretch(Boundary(way, meters, 1, last, 0, first), 1);
        else if (TryInside(way, meters, nearest, out var inside, out var excess))
            stretch = new Stretch(Boundary(way, meters, inside, excess, 0, first), Boundary(way, meters, inside, excess, 1, last));
        else return false;
        return true;
    }

    private static bool Touches(GeoBox a, GeoBox b)
    {
        if (a.South > b.North || a.North < b.South) return false;
        return b.West + (360 * Math.Ceiling((a.West - b.East) / 360)) <= a.East;
    }

    /// <summary>Whether a way may come as near as that, and about which part of it is nearest. Most ways are told from it on the flat map.</summary>
    private bool MayReach(in Way way, double meters, out double nearest)
    {
        var (latitude, longitude) = way.At(0.5);
        var frame = new LocalFrame(latitude, longitude).Beside(Middle);
        var turn = frame.Longitude - longitude;
        var (x1, y1) = (frame.MetersEast(way.Longitude1 + turn), frame.MetersNorth(way.Latitude1));
        // The frame is in the middle of the way: its ends are as far from it as each other.
        if (meters + Math.Sqrt((x1 * x1) + (y1 * y1)) > frame.TrustedMeters)
        {
            nearest = 0.5;
            return Touches(Bounds.Widened(meters), way.Bounds);
        }

        var (ax, ay) = (frame.MetersEast(longitude1), frame.MetersNorth(latitude1));
        var (bx, by) = (frame.MetersEast(longitude2), frame.MetersNorth(latitude2));
        return FlatSquared(x1, y1, ax, ay, bx, by, out nearest) <= 1.04 * meters * meters;
    }

    /// <summary>Square of the distance of a way from -p to p to a line from a to b, and the part of the way where it is nearest.</summary>
    private static double FlatSquared(double px, double py, double ax, double ay, double bx, double by, out double nearest)
    {
        // Where it does not cross the line, one of four ends is nearest to the other.
        nearest = 0;
        var least = ToPoint(px, py, ax, ay, bx, by, out _);
        Closer(ToPoint(-px, -py, ax, ay, bx, by, out _), 1, ref least, ref nearest);
        Closer(ToPoint(ax, ay, px, py, -px, -py, out var part), part, ref least, ref nearest);
        if (ax == bx && ay == by) return least;

        Closer(ToPoint(bx, by, px, py, -px, -py, out part), part, ref least, ref nearest);
        var (sideA, sideB) = ((px * ay) - (py * ax), (px * by) - (py * bx));
        var (side1, side2) = (Cross(px - ax, py - ay, bx - ax, by - ay), Cross(-px - ax, -py - ay, bx - ax, by - ay));
        if (sideA * sideB < 0 && side1 * side2 < 0) (least, nearest) = (0, side1 / (side1 - side2));
        return least;
    }

    private static double Cross(double ax, double ay, double bx, double by) => (ax * by) - (ay * bx);

    private static void Closer(double squared, double part, ref double least, ref double nearest)
    {
        if (squared < least) (least, nearest) = (squared, part);
    }

    private static double ToPoint(double x, double y, double ax, double ay, double bx, double by, out double part)
    {
        var (dx, dy) = (bx - ax, by - ay);
        var length = (dx * dx) + (dy * dy);
        part = length > 0 ? Math.Clamp((((x - ax) * dx) + ((y - ay) * dy)) / length, 0, 1) : 0;
        (dx, dy) = (ax + (part * dx) - x, ay + (part * dy) - y);
        return (dx * dx) + (dy * dy);
    }

    private double Excess(in Way way, double part, double meters)
    {
        var (latitude, longitude) = way.At(part);
        return (IsPoint ? LocalDistance.Meters(latitude, longitude, latitude1, longitude1) : Meters(new LocalFrame(latitude, longitude))) - meters;
    }

    /// <summary>A point of the way that is near enough. Distance falls and then rises along it, so its least value is closed in by the golden section.</summary>
    private bool TryInside(in Way way, double meters, double guess, out double inside, out double excess)
    {
        (inside, excess) = (guess, Excess(way, guess, meters));
        if (excess <= 0) return true;

        var steepest = MostMeters(way);
        double low = 0, high = 1;
        var (a, b) = (high - GoldenRatio, GoldenRatio);
        var (atA, atB) = (Excess(way, a, meters), Excess(way, b, meters));
        while (true)
        {
            (inside, excess) = atA < atB ? (a, atA) : (b, atB);
            if (excess <= 0) return true;
            if (high - low < Fine || excess > (high - low) * steepest) return false;
            if (atA < atB)
            {
                (high, b, atB) = (b, a, atA);
                a = high - (GoldenRatio * (high - low));
                atA = Excess(way, a, meters);
            }
            else
            {
                (low, a, atA) = (a, b, atB);
                b = low + (GoldenRatio * (high - low));
                atB = Excess(way, b, meters);
            }
        }
    }

    /// <summary>Where the way gets too far, between a part that is near enough and one that is not. By false position, in its Illinois form.</summary>
    private double Boundary(in Way way, double meters, double inside, double excessInside, double outside, double excessOutside)
    {
        var wasInside = 0;
        for (var step = 0; step < 100 && Math.Abs(outside - inside) > Fine && excessInside < 0; step++)
        {
            var part = inside + ((outside - inside) * (excessInside / (excessInside - excessOutside)));
            // A micrometer off is there.
            var excess = Excess(way, part, meters);
            if (Math.Abs(excess) < 1e-6) return part;
            // The same side twice: the other end counts half, or it would never move.
            if (excess < 0)
            {
                (inside, excessInside) = (part, excess);
                if (wasInside > 0) excessOutside /= 2;
                wasInside = 1;
            }
            else
            {
                (outside, excessOutside) = (part, excess);
                if (wasInside < 0) excessInside /= 2;
                wasInside = -1;
            }
        }

        return inside;
    }

    /// <summary>No distance changes by more along the way.</summary>
    private static double MostMeters(in Way way) =>
        ((way.North - way.South) * 111_700) + ((way.Longitude2 - way.Longitude1) * 111_400 * Math.Cos(NearestToEquator(way) * (Math.PI / 180)));

    private static double NearestToEquator(in Way way) => way.South <= 0 && way.North >= 0 ? 0 : Math.Min(Math.Abs(way.South), Math.Abs(way.North));

    private double MetersNorth(double latitude) => GeoBox.LeastMetersPerDegree * Math.Max(
        0, Math.Max(Math.Min(latitude1, latitude2) - latitude, latitude - Math.Max(latitude1, latitude2)));

    private double MetersFarAway(double guess, in LocalFrame point)
    {
        // Over thousands of kilometers, or around a pole, distance may have more than one least value along the line: look for the right one first.
        var pieces = Math.Max(2, (int)Math.Ceiling(Math.Max(Math.Abs(latitude2 - latitude1), Math.Abs(longitude2 - longitude1)) / 5));
        var (best, least) = (guess, MetersTo(guess, point));
        for (var i = 0; i <= pieces; i++)
        {
            var part = (double)i / pieces;
            var meters = MetersTo(part, point);
            if (meters < least) (best, least) = (part, meters);
        }

        var (low, high) = (Math.Max(0, best - (1.0 / pieces)), Math.Min(1, best + (1.0 / pieces)));
        while (high - low > 1e-7)
        {
            var (a, b) = (high - (GoldenRatio * (high - low)), low + (GoldenRatio * (high - low)));
            var (atA, atB) = (MetersTo(a, point), MetersTo(b, point));
            least = Math.Min(least, Math.Min(atA, atB));
            if (atA < atB) high = b;
            else low = a;
        }

        return least;
    }
}
