using System.Diagnostics.CodeAnalysis;
using FleetTracker.Geodesy;

namespace FleetTracker.LiveMap;

/// <summary>A box of the map in degrees, edges included. West greater than east crosses the antimeridian.</summary>
internal readonly record struct Viewport
{
    public const double MaxZoom = 24;

    private Viewport(double west, double south, double east, double north, double zoom) =>
        (West, South, East, North, Zoom) = (west, south, east, north, zoom);

    public double West { get; }

    public double South { get; }

    public double East { get; }

    public double North { get; }

    /// <summary>Web map zoom, where the world is 512 × 2^zoom pixels wide.</summary>
    public double Zoom { get; }

    public bool CrossesAntimeridian => West > East;

    public static bool TryCreate(
        double west, double south, double east, double north, double zoom, out Viewport viewport, [NotNullWhen(false)] out string? error)
    {
        // Phrased as "is inside" so that NaN is refused with the rest.
        error = west is not (>= -180 and <= 180) ? FormattableString.Invariant($"west must be from -180 to 180, was {west}")
            : east is not (>= -180 and <= 180) ? FormattableString.Invariant($"east must be from -180 to 180, was {east}")
            : south is not (>= -90 and <= 90) ? FormattableString.Invariant($"south must be from -90 to 90, was {south}")
            : north is not (>= -90 and <= 90) ? FormattableString.Invariant($"north must be from -90 to 90, was {north}")
            : south > north ? FormattableString.Invariant($"south must not be greater than north, was {south} and {north}")
            : zoom is not (>= 0 and <= MaxZoom) ? FormattableString.Invariant($"zoom must be from 0 to {MaxZoom}, was {zoom}")
            : null;
        viewport = error is null ? new Viewport(west, south, east, north, zoom) : default;
        return error is null;
    }

    /// <summary>The same box without a map.</summary>
    public static Viewport Of(GeoBox box) => new(box.West, box.South, box.East, box.North, zoom: 0);

    public bool Contains(double latitude, double longitude) =>
        latitude >= South && latitude <= North
        && (ContainsLongitude(longitude) || (Math.Abs(longitude) == 180 && ContainsLongitude(-longitude)));

    private bool ContainsLongitude(double longitude) =>
        CrossesAntimeridian ? longitude >= West || longitude <= East : longitude >= West && longitude <= East;
}
