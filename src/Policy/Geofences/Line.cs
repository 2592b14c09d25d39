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
        if (!Touches(Bounds.Widened(meters), way.Bounds)) return false;

        var (first, last) = (Excess(way, 0, meters), Excess(way, 1, meters));
        if (first <= 0 && last <= 0) stretch = new Stretch(0, 1);
        else if (first <= 0) stretch = new Stretch(0, Boundary(way, meters, 0, 1));
        else if (last <= 0) stretch = new Stretch(Boundary(way, meters, 1, 0), 1);
        else if (TryInside(way, meters, out var inside)) stretch = new Stretch(Boundary(way, meters, inside, 0), Boundary(way, meters, inside, 1));
        else return false;
        return true;
    }

    private static bool Touches(GeoBox a, GeoBox b)
    {
        if (a.South > b.North || a.North < b.South) return false;
        return b.West + (360 * Math.Ceiling((a.West - b.East) / 360)) <= a.East;
    }

    private double Excess(in Way way, double part, double meters)
    {
        var (latitude, longitude) = way.At(part);
        return Meters(new LocalFrame(latitude, longitude)) - meters;
    }

    /// <summary>A point of the way that is near enough. Distance falls and then rises along it, so its least value is closed in by the golden section.</summary>
    private bool TryInside(in Way way, double meters, out double inside)
    {
        var steepest = MostMeters(way);
        double low = 0, high = 1;
        var (a, b) = (high - GoldenRatio, GoldenRatio);
        var (atA, atB) = (Excess(way, a, meters), Excess(way, b, meters));
        while (true)
        {
            inside = atA < atB ? a : b;
            var least = Math.Min(atA, atB);
            if (least <= 0) return true;
            if (high - low < Fine || least > (high - low) * steepest) return false;
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

    /// <summary>Where the way gets too far, between a part that is near enough and one that may not be.</summary>
    private double Boundary(in Way way, double meters, double inside, double outside)
    {
        while (Math.Abs(outside - inside) > Fine)
        {
            var middle = (inside + outside) / 2;
            if (Excess(way, middle, meters) <= 0) inside = middle;
            else outside = middle;
        }

        // The end of a way that is near enough all along.
        return outside is 0 or 1 && Excess(way, outside, meters) <= 0 ? outside : inside;
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
