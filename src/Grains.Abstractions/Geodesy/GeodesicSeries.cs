namespace FleetTracker.Geodesy;

/// <summary>
/// The integrals along a geodesic as Fourier series, to the sixth order in ε (equations 17 to 25, 42 and 43 of C. F. F. Karney, "Algorithms for
/// geodesics", J. Geodesy 87, 43–55, 2013, doi:10.1007/s00190-012-0578-z). For the Earth the truncation is below 0.1 µm.
/// </summary>
internal readonly ref struct GeodesicSeries
{
    private const double N = Wgs84.ThirdFlattening;

    private readonly double _epsilon;
    private readonly double _scale1;
    private readonly double _scale2;

    /// <param name="k2">k² = e′² cos² α₀, with the azimuth α₀ at which the geodesic crosses the equator.</param>
    public GeodesicSeries(double k2)
    {
        var root = Math.Sqrt(1 + k2);
        var e = _epsilon = k2 / ((root + 1) * (root + 1));
        var e2 = e * e;
        _scale1 = (1 + (e2 * ((1.0 / 4) + (e2 * ((1.0 / 64) + (e2 / 256)))))) / (1 - e);
        _scale2 = (1 - e) * (1 + (e2 * ((1.0 / 4) + (e2 * ((9.0 / 64) + (e2 * 25 / 256))))));
    }

    /// <summary>I₁(σ), the distance from the equator in units of b.</summary>
    public double Distance(double sigma, double sin, double cos)
    {
        var e = _epsilon;
        var e2 = e * e;
        Span<double> c =
        [
            e * ((-1.0 / 2) + (e2 * ((3.0 / 16) - (e2 / 32)))),
            e2 * ((-1.0 / 16) + (e2 * ((1.0 / 32) - (e2 * 9 / 2048)))),
            e * e2 * ((-1.0 / 48) + (e2 * 3 / 256)),
            e2 * e2 * ((-5.0 / 512) + (e2 * 3 / 512)),
            e * e2 * e2 * (-7.0 / 1280),
            e2 * e2 * e2 * (-7.0 / 2048),
        ];
        return _scale1 * (sigma + SineSum(sin, cos, c));
    }

    /// <summary>I₂(σ), which with I₁ gives the reduced length.</summary>
    public double Reduction(double sigma, double sin, double cos)
    {
        var e = _epsilon;
        var e2 = e * e;
        Span<double> c =
        [
            e * ((1.0 / 2) + (e2 * ((1.0 / 16) + (e2 / 32)))),
            e2 * ((3.0 / 16) + (e2 * ((1.0 / 32) + (e2 * 35 / 2048)))),
            e * e2 * ((5.0 / 48) + (e2 * 5 / 256)),
            e2 * e2 * ((35.0 / 512) + (e2 * 7 / 512)),
            e * e2 * e2 * (63.0 / 1280),
            e2 * e2 * e2 * (77.0 / 2048),
        ];
        return _scale2 * (sigma + SineSum(sin, cos, c));
    }

    /// <summary>I₃(σ), the part of the longitude that the ellipsoid takes from the sphere's, in units of f sin α₀.</summary>
    public double Longitude(double sigma, double sin, double cos)
    {
        var e = _epsilon;
        var e2 = e * e;
        var scale = 1
            - (e * ((1 - N) / 2))
            - (e2 * ((1.0 / 4) + (N * ((1.0 / 8) - (N * 3 / 8)))))
            - (e * e2 * ((1.0 / 16) + (N * ((3.0 / 16) + (N / 16)))))
            - (e2 * e2 * ((3.0 / 64) + (N / 32)))
            - (e * e2 * e2 * 3 / 128);
        Span<double> c =
        [
            e * (((1 - N) / 4) + (e * (((1 - (N * N)) / 8) + (e * ((3.0 / 64) + (N * ((3.0 / 64) - (N / 64))) + (e * ((5.0 / 128) + (N / 64) + (e * 3 / 128)))))))),
            e2 * ((1.0 / 16) - (N * ((3.0 / 32) - (N / 32))) + (e * ((3.0 / 64) - (N * ((1.0 / 32) + (N * 3 / 64))) + (e * ((3.0 / 128) + (N / 128) + (e * 5 / 256)))))),
            e * e2 * ((5.0 / 192) - (N * ((3.0 / 64) - (N * 5 / 192))) + (e * ((3.0 / 128) - (N * 5 / 192) + (e * 7 / 512)))),
            e2 * e2 * ((7.0 / 512) - (N * 7 / 256) + (e * 7 / 512)),
            e * e2 * e2 * (21.0 / 2560),
        ];
        return scale * (sigma + SineSum(sin, cos, c));
    }

    /// <summary>Σ cₗ sin 2lσ by Clenshaw's recurrence.</summary>
    private static double SineSum(double sin, double cos, ReadOnlySpan<double> c)
    {
        var twice = 2 * (cos - sin) * (cos + sin);
        double last = 0, beforeLast = 0;
        for (var l = c.Length - 1; l >= 0; l--) (last, beforeLast) = ((twice * last) - beforeLast + c[l], last);
        return 2 * sin * cos * last;
    }
}
