using System.Numerics;
using CsCheck;
using FleetTracker.Geodesy;
using NetTopologySuite.Geometries;

namespace FleetTracker.Geofences;

/// <summary>What holds for every fence, point and way.</summary>
public sealed class FencePropertyTests
{
    private static readonly Gen<(double Latitude, double Longitude)> GenPlace = Gen.Select(
        Gen.OneOf(Gen.Double[-85, 85], Gen.Double[-1, 1], Gen.Double[59, 61], Gen.Double[84, 85]),
        Gen.OneOf(Gen.Double[-180, 180], Gen.Double[179, 180], Gen.Double[-180, -179]));

    private static readonly Gen<Drawing> GenDrawing =
        from place in GenPlace
        from kind in Gen.Enum<GeofenceShapeKind>()
        from size in Gen.Double[-2.5, 0].Select(power => Math.Pow(10, power))
        from corners in Gen.Select(Gen.Double[0.3, 1], Gen.Double[0.01, 0.9]).Array[3, 80]
        select new Drawing(place.Latitude, place.Longitude, size, kind, corners);

    // Both ends about as far from the fence as it is large, often within.
    private static readonly Gen<(double, double, double, double)> GenWay =
        Gen.Select(Gen.Double[-2, 2], Gen.Double[-2, 2], Gen.Double[-2, 2], Gen.Double[-2, 2]);

    [Fact]
    public void A_point_is_covered_where_it_is_zero_meters_outside() => Gen.Select(GenDrawing, GenWay).Sample((drawing, way) =>
    {
        var (fence, (latitude, longitude, _, _)) = (drawing.Fence, drawing.Way(way));
        Assert.Equal(fence.Covers(latitude, longitude), fence.MetersOutside(latitude, longitude) == 0);
    });

    [Fact]
    public void Meters_inside_are_the_same_there_and_back_and_at_most_the_way() => Gen.Select(GenDrawing, GenWay).Sample((drawing, way) =>
    {
        var (fence, (latitude1, longitude1, latitude2, longitude2)) = (drawing.Fence, drawing.Way(way));
        var meters = fence.MetersInside(latitude1, longitude1, latitude2, longitude2);
        Assert.Equal(meters, fence.MetersInside(latitude2, longitude2, latitude1, longitude1));
        Assert.InRange(meters, 0, LocalDistance.Meters(latitude1, longitude1, latitude2, longitude2) * (1 + 1e-12) + 1e-8);
    });

    /// <summary>Against a look at many points of the way.</summary>
    [Fact]
    public void Meters_inside_are_those_of_the_points_that_are_covered() => Gen.Select(GenDrawing, GenWay).Sample(
        (drawing, way) =>
        {
            const int Points = 2000;
            var (fence, (latitude1, longitude1, latitude2, longitude2)) = (drawing.Fence, drawing.Way(way));
            var turned = longitude1 + Math.IEEERemainder(longitude2 - longitude1, 360);
            var covered = Enumerable.Range(0, Points).Count(i => fence.Covers(
                latitude1 + ((i + 0.5) / Points * (latitude2 - latitude1)), longitude1 + ((i + 0.5) / Points * (turned - longitude1))));
            var length = LocalDistance.Meters(latitude1, longitude1, latitude2, longitude2);
            var meters = fence.MetersInside(latitude1, longitude1, latitude2, longitude2);
            // Each time that the way goes in or out, counting may be off by one.
            Assert.Equal(length * covered / Points, meters, length * (2 + (2 * drawing.Corners.Length)) / Points);
            if (covered > 0 && length > 0) Assert.True(meters > 0);
        },
        iter: 150);

    [Fact]
    public void What_covers_an_end_or_is_crossed_is_near() => Gen.Select(GenDrawing.Array[1, 40], GenWay, Gen.Int[0, 39]).Sample(
        (drawings, way, around) =>
        {
            var fences = drawings.Select((drawing, i) => drawing.Named($"f{i}")).ToArray();
            var (latitude1, longitude1, latitude2, longitude2) = drawings[around % drawings.Length].Way(way);
            var near = new List<Fence>();
            FenceSnapshot.Build(fences).Near(latitude1, longitude1, latitude2, longitude2, near);
            Assert.Equal(near.Count, near.Distinct().Count());
            foreach (var fence in fences)
            {
                var meets = fence.Covers(latitude1, longitude1) || fence.Covers(latitude2, longitude2)
                    || fence.MetersInside(latitude1, longitude1, latitude2, longitude2) > 0;
                if (meets) Assert.Contains(fence, near);
            }
        },
        iter: 150);

    [Fact]
    public void An_area_covers_what_nts_says() => Gen.Select(GenDrawing.Where(drawing => drawing.Kind == GeofenceShapeKind.Area), GenWay).Sample((drawing, way) =>
    {
        var (shape, (latitude, longitude, _, _)) = (drawing.Polygon, drawing.Way(way));
        var turned = longitude + (360 * Math.Round((drawing.Longitude - longitude) / 360));
        Assert.Equal(shape.Covers(new Point(turned, latitude)), drawing.Fence.Covers(latitude, longitude));
    });

    /// <summary>Outside of circles distance decides; held against the geodesic to the center and to many points of a line.</summary>
    [Fact]
    public void Distance_to_a_line_is_the_least_to_any_of_its_points() => Gen.Select(GenPlace, GenWay, Gen.Double[-3, 1]).Sample(
        (place, way, power) =>
        {
            var size = Math.Pow(10, power);
            var (a, b, c, d) = way;
            double Latitude(double by) => Math.Clamp(place.Latitude + (by * size), -90, 90);
            var line = new Line(Latitude(a), place.Longitude + (b * size), Latitude(c), place.Longitude + (d * size));
            var meters = line.Meters(new LocalFrame(place.Latitude, place.Longitude));
            var least = Enumerable.Range(0, 2001).Min(i => Geodesic.DistanceMeters(
                place.Latitude, place.Longitude,
                Latitude(a) + (i / 2000.0 * (Latitude(c) - Latitude(a))), place.Longitude + (b * size) + (i / 2000.0 * (d - b) * size)));
            // The nearest of the points is beside the nearest point of the line by at most half a step.
            var step = size * 111_700 * (Math.Abs(Latitude(c) - Latitude(a)) / size + Math.Abs(d - b)) / 4000;
            Assert.InRange(meters, least - step - 1e-3, least * (1 + 5e-5) + 1e-3);
        },
        iter: 100);

    [Fact]
    public void The_side_of_a_line_is_exact() =>
        Gen.Select(GenNearLine.Array[6], Gen.Int[-3, 3]).Sample(
            (numbers, ulps) =>
            {
                var (ax, ay, bx, by) = (numbers[0], numbers[1], numbers[2], numbers[3]);
                var part = numbers[4] / 64;
                var (x, y) = (ax + (part * (bx - ax)), ay + (part * (by - ay)));
                for (var i = 0; i < Math.Abs(ulps); i++) y = ulps > 0 ? Math.BitIncrement(y) : Math.BitDecrement(y);
                var exact = ((Big(ax) - Big(x)) * (Big(by) - Big(y))) - ((Big(ay) - Big(y)) * (Big(bx) - Big(x)));
                Assert.Equal(exact.Sign, Orientation.Sign(ax, ay, bx, by, x, y));
            },
            iter: 20_000);

    /// <summary>Where the middle of an edge is rounded to either side of it.</summary>
    [Fact]
    public void A_way_along_an_edge_is_not_inside() => GenDrawing.Where(drawing => drawing.Kind == GeofenceShapeKind.Area).Sample(drawing =>
    {
        var corners = drawing.Polygon.ExteriorRing.Coordinates;
        foreach (var (a, b) in corners.Zip(corners.Skip(1))) Assert.Equal(0, drawing.Fence.MetersInside(a.Y, a.X, b.Y, b.X));
    });

    private static readonly Gen<double> GenNearLine = Gen.OneOf(Gen.Double[1, 64], Gen.Int[1, 64].Select(i => (double)i), Gen.Double[1, 1.001]);

    /// <summary>A double as a whole number of 2^-1074.</summary>
    private static BigInteger Big(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var (exponent, mantissa) = ((int)((bits >> 52) & 0x7FF), bits & 0xFFFFFFFFFFFFF);
        var whole = exponent == 0 ? new BigInteger(mantissa) : new BigInteger(mantissa | 0x10000000000000) << (exponent - 1);
        return bits < 0 ? -whole : whole;
    }

    /// <summary>A fence of any shape around a place, of a size in degrees.</summary>
    internal sealed record Drawing(double Latitude, double Longitude, double Size, GeofenceShapeKind Kind, (double Radius, double Width)[] Corners)
    {
        public Fence Fence => Named("f");

        public Polygon Polygon => new(new LinearRing([.. Ring.Append(Ring[0]).Select(point => new Coordinate(point.Longitude, point.Latitude))]));

        private (double Latitude, double Longitude)[] Ring => [.. Corners.Select((corner, i) =>
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * i / Corners.Length);
            return (Latitude + (Size * corner.Radius * sin), Longitude + (Size * corner.Radius * cos));
        })];

        public Fence Named(string id) => Geofences.Fence.Compile((Kind switch
        {
            GeofenceShapeKind.Area => Drawn.Area(Ring),
            GeofenceShapeKind.Circle => Drawn.Circle(Latitude, Longitude, Size * 111_000 * Corners[0].Radius),
            _ => Drawn.Corridor(Size * 111_000 * Corners[0].Width, Ring),
        }).Definition with { Id = id });

        public (double, double, double, double) Way((double, double, double, double) by) => (
            Latitude + (by.Item1 * Size), Turned(Longitude + (by.Item2 * Size)), Latitude + (by.Item3 * Size), Turned(Longitude + (by.Item4 * Size)));

        private static double Turned(double longitude) => longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude;
    }
}
