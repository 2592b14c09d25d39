using NetTopologySuite.Algorithm.Locate;
using NetTopologySuite.Geometries;

namespace FleetTracker.Geofences;

/// <summary>
/// What a fence covers. Edges are straight in degrees, as in GeoJSON, and belong to it; whether a point is on an edge is decided exactly, not by a
/// tolerance. Immutable, safe from any thread.
/// </summary>
public sealed class FenceArea
{
    private readonly IndexedPointInAreaLocator _locator;
    private readonly Envelope _bounds;

    internal FenceArea(Geometry shape)
    {
        Shape = shape;
        _bounds = shape.EnvelopeInternal;
        _locator = new IndexedPointInAreaLocator(shape);
        // The index is made by the first question otherwise, in the middle of a fold.
        _locator.Locate(new Coordinate(_bounds.MinX, _bounds.MinY));
    }

    /// <summary>Polygon or MultiPolygon; its longitudes count on past ±180 where it lies over the antimeridian.</summary>
    internal Geometry Shape { get; }

    /// <summary>Degrees; any turn of the longitude.</summary>
    public bool Covers(double latitude, double longitude)
    {
        if (latitude < _bounds.MinY || latitude > _bounds.MaxY) return false;

        // The first turn at or east of the western bound, and all further ones within: two at most, for a shape that goes around the Earth.
        var turned = longitude + (360 * Math.Ceiling((_bounds.MinX - longitude) / 360));
        for (; turned <= _bounds.MaxX; turned += 360)
        {
            if (_locator.Locate(new Coordinate(turned, latitude)) != Location.Exterior) return true;
        }

        return false;
    }
}
