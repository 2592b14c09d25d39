namespace FleetTracker.Geodesy;

/// <summary>
/// Shortest ways on the ellipsoid of WGS 84, after C. F. F. Karney, "Algorithms for geodesics" (2013): the azimuth at the first point is found as the
/// root of the longitude that it leads to. Exact to well below a millimeter for any two points, antipodal ones included.
/// </summary>
public static class Geodesic
{
    // For points that are not nearly antipodal Newton's method needs two or three steps; bisection alone would need about fifty.
    private const int MaxSteps = 100;

    // Radians of longitude: 25 nm on the equator, a few times what rounding makes of it.
    private const double Close = 4e-15;

    private const double F1 = 1 - Wgs84.Flattening;

    // So small that it changes no sum, and large enough to be divided by.
    private const double Tiny = 1e-150;

    /// <summary>The length of the shortest way between two points, in meters. Latitudes and longitudes in degrees; a longitude may be of any turn.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A latitude is beyond ±90, or a coordinate is not a number.</exception>
    public static double DistanceMeters(double latitude1, double longitude1, double latitude2, double longitude2)
    {
        Check(latitude1, nameof(latitude1));
        Check(latitude2, nameof(latitude2));
        if (!double.IsFinite(longitude1)) throw new ArgumentOutOfRangeException(nameof(longitude1), longitude1, "must be a number of degrees");
        if (!double.IsFinite(longitude2)) throw new ArgumentOutOfRangeException(nameof(longitude2), longitude2, "must be a number of degrees");

        (latitude1, latitude2) = (OrEquator(latitude1), OrEquator(latitude2));
        // Symmetry allows: the first point is the one further from the equator and south of it, the second one lies east of it.
        var longitude = Math.Abs(Math.IEEERemainder(longitude2 - longitude1, 360));
        if (Math.Abs(latitude1) < Math.Abs(latitude2)) (latitude1, latitude2) = (latitude2, latitude1);
        if (latitude1 > 0) (latitude1, latitude2) = (-latitude1, -latitude2);
        return Wgs84.PolarRadiusMeters * Solve(new Point(latitude1), new Point(latitude2), longitude);
    }

    /// <summary>
    /// Less than a tenth of a millimeter beside the equator is on it: the way between two such points leaves so nearly due east that the difference
    /// gets lost in the azimuth.
    /// </summary>
    private static double OrEquator(double latitude) => Math.Abs(latitude) < 1e-9 ? 0 : latitude;

    private static void Check(double latitude, string name)
    {
        if (!(Math.Abs(latitude) <= 90)) throw new ArgumentOutOfRangeException(name, latitude, "must be -90 to 90 degrees");
    }

    /// <summary>Distance in units of the polar radius.</summary>
    private static double Solve(Point first, Point second, double longitude)
    {
        var (sinTarget, cosTarget) = SinCosDegrees(longitude);
        if (first.IsPole || longitude == 0 || longitude == 180)
        {
            // Along a meridian. On this oblate ellipsoid that is the shortest way also when it leads over a pole.
            return new Trial(first, second, 0, cosTarget < 0 && !first.IsPole ? -1 : 1).Distance();
        }

        if (first.Sin == 0)
        {
            // Both on the equator: along it, unless a way over the poles' side is shorter.
            var radians = longitude * Math.PI / 180;
            if (radians <= F1 * Math.PI) return radians / F1;
        }

        double low = 0, high = Math.PI;
        var azimuth = Guess(first, second, longitude * Math.PI / 180);
        for (var step = 0; ; step++)
        {
            var (sin, cos) = Math.SinCos(azimuth);
            var trial = new Trial(first, second, sin, cos);
            var excess = trial.LongitudeBeyond(sinTarget, cosTarget);
            if (excess > 0) high = azimuth;
            else low = azimuth;

            var next = azimuth - (excess / trial.LongitudePerAzimuth());
            // A step out of the bracket, or a slope that says nothing: halve.
            if (!(next > low && next < high)) next = (low + high) / 2;
            if (Math.Abs(excess) < Close || next == azimuth || high - low < 1e-15 || step == MaxSteps) return trial.Distance();
            azimuth = next;
        }
    }

    /// <summary>The azimuth on a sphere, with the longitude stretched to what it is there.</summary>
    private static double Guess(Point first, Point second, double longitude)
    {
        var mean = (first.Cos + second.Cos) / 2;
        var omega = longitude / Math.Sqrt(1 - (Wgs84.EccentricitySquared * mean * mean));
        if (omega > Math.PI) omega = longitude;
        var (sin, cos) = Math.SinCos(omega);
        var azimuth = Math.Atan2(second.Cos * sin, (first.Cos * second.Sin) - (first.Sin * second.Cos * cos));
        return Math.Clamp(azimuth, 1e-12, Math.PI - 1e-12);
    }

    private static (double Sin, double Cos) SinCosDegrees(double degrees)
    {
        // The quadrant is taken off first, so that 90 and 180 are exact.
        var quadrant = Math.Round(degrees / 90);
        var (sin, cos) = Math.SinCos((degrees - (90 * quadrant)) * Math.PI / 180);
        return ((int)quadrant & 3) switch
        {
            0 => (sin, cos),
            1 => (cos, -sin),
            2 => (-sin, -cos),
            _ => (-cos, sin),
        };
    }

    /// <summary>A point by its reduced latitude β, tan β = (1 − f) tan φ.</summary>
    private readonly struct Point
    {
        public Point(double latitude)
        {
            var (sin, cos) = SinCosDegrees(latitude);
            IsPole = Math.Abs(latitude) == 90;
            sin *= F1;
            var length = Math.Sqrt((sin * sin) + (cos * cos));
            Sin = sin / length;
            Cos = Math.Max(Tiny, cos / length);
        }

        public bool IsPole { get; }

        public double Sin { get; }

        public double Cos { get; }
    }

    /// <summary>The geodesic that leaves the first point at some azimuth, up to where it crosses the latitude of the second on its way north.</summary>
    private readonly ref struct Trial
    {
        private readonly Point _first;
        private readonly Point _second;
        private readonly GeodesicSeries _series;
        private readonly double _sinAzimuth0;
        private readonly double _cosAzimuth2;
        private readonly double _sigma1;
        private readonly double _sigma12;
        private readonly double _sin1;
        private readonly double _cos1;
        private readonly double _sin2;
        private readonly double _cos2;

        public Trial(Point first, Point second, double sinAzimuth, double cosAzimuth)
        {
            (_first, _second) = (first, second);
            if (first.Sin == 0 && cosAzimuth == 0) cosAzimuth = -Tiny;
            _sinAzimuth0 = sinAzimuth * first.Cos;
            var cosAzimuth0 = Math.Sqrt((cosAzimuth * cosAzimuth) + (sinAzimuth * first.Sin * sinAzimuth * first.Sin));
            _series = new GeodesicSeries(Wgs84.SecondEccentricitySquared * cosAzimuth0 * cosAzimuth0);

            // Clairaut; written as a sum of squares that keeps its digits when both points have nearly the same latitude.
            var rise = first.Cos < -first.Sin
                ? (second.Cos - first.Cos) * (first.Cos + second.Cos)
                : (first.Sin - second.Sin) * (first.Sin + second.Sin);
            var meridional = cosAzimuth * first.Cos;
            _cosAzimuth2 = Math.Sqrt(Math.Max(0, (meridional * meridional) + rise)) / second.Cos;

            (_sin1, _cos1) = Normalized(first.Sin, cosAzimuth * first.Cos);
            (_sin2, _cos2) = Normalized(second.Sin, _cosAzimuth2 * second.Cos);
            _sigma1 = Math.Atan2(_sin1, _cos1);
            _sigma12 = Math.Atan2(Math.Max(0, (_cos1 * _sin2) - (_sin1 * _cos2)), (_cos1 * _cos2) + (_sin1 * _sin2));
        }

        private double Sigma2 => _sigma1 + _sigma12;

        public double Distance() => _series.Distance(Sigma2, _sin2, _cos2) - _series.Distance(_sigma1, _sin1, _cos1);

        /// <summary>How far east of the wanted longitude the way ends, in radians.</summary>
        public double LongitudeBeyond(double sinWanted, double cosWanted)
        {
            var (sin1, cos1) = (_sinAzimuth0 * _sin1, _cos1);
            var (sin2, cos2) = (_sinAzimuth0 * _sin2, _cos2);
            var sin = Math.Max(0, (cos1 * sin2) - (sin1 * cos2));
            var cos = (cos1 * cos2) + (sin1 * sin2);
            var beyond = Math.Atan2((sin * cosWanted) - (cos * sinWanted), (cos * cosWanted) + (sin * sinWanted));
            var correction = _series.Longitude(Sigma2, _sin2, _cos2) - _series.Longitude(_sigma1, _sin1, _cos1);
            return beyond - (Wgs84.Flattening * _sinAzimuth0 * correction);
        }

        /// <summary>The derivative of the longitude by the azimuth at the first point: m₁₂ / (a cos α₂ cos β₂).</summary>
        public double LongitudePerAzimuth()
        {
            if (_cosAzimuth2 == 0) return -2 * F1 * Root(_first) / _first.Sin;
            var j = _series.Distance(Sigma2, _sin2, _cos2) - _series.Reduction(Sigma2, _sin2, _cos2)
                - (_series.Distance(_sigma1, _sin1, _cos1) - _series.Reduction(_sigma1, _sin1, _cos1));
            var reduced = (Root(_second) * _cos1 * _sin2) - (Root(_first) * _sin1 * _cos2) - (_cos1 * _cos2 * j);
            return reduced * F1 / (_cosAzimuth2 * _second.Cos);
        }

        private static double Root(Point point) => Math.Sqrt(1 + (Wgs84.SecondEccentricitySquared * point.Sin * point.Sin));

        private static (double Sin, double Cos) Normalized(double sin, double cos)
        {
            var length = Math.Sqrt((sin * sin) + (cos * cos));
            return (sin / length, cos / length);
        }
    }
}
