using System.Globalization;
using FleetTracker.Geofences;
using FleetTracker.Ingestion;

namespace FleetTracker.Bench;

/// <summary>
/// A city of 20 × 20 km with fences all over, and vehicles that drive between places in it, wait at lights and stop there. The same for the same seed.
/// </summary>
internal sealed class CityDrive
{
    private const double MetersPerDegree = 111_200;
    private const double Latitude = 60.17;
    private const double Longitude = 24.94;
    private const double CityMeters = 20_000;
    private const int SecondsBetweenFixes = 5;

    private static readonly DateTimeOffset Start = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);
    private static readonly double EastScale = MetersPerDegree * Math.Cos(Latitude * Math.PI / 180);

    private readonly Random _random;
    private readonly List<Fix> _rows = [];
    private readonly string _vehicle;
    private DateTimeOffset _now = Start;
    private double _east;
    private double _north;

    private CityDrive(int seed)
    {
        _random = new Random(seed);
        _vehicle = $"v{seed}";
        (_east, _north) = (Anywhere(_random), Anywhere(_random));
    }

    /// <summary>Half of them circles of 50 to 500 m, the others areas of 5 to 40 corners as wide, with a few districts, and streets.</summary>
    public static FenceSnapshot Fences(int count)
    {
        var random = new Random(count);
        return FenceSnapshot.Build([.. Enumerable.Range(0, count).Select(i => (i % 10) switch
        {
            < 5 => Compile(i, GeofenceShapeKind.Circle, $$"""{"type":"Point","coordinates":{{Point(Anywhere(random), Anywhere(random))}}}""", 50 + (random.NextDouble() * 450)),
            < 9 => Compile(i, GeofenceShapeKind.Area, Area(random, i % 100 == 5 ? 3_000 : 50 + (random.NextDouble() * 450)), null),
            _ => Compile(i, GeofenceShapeKind.Corridor, Street(random), 20),
        })]);
    }

    /// <param name="attributes">What every row carries beside its place; <c>null</c> = nothing.</param>
    public static Fix[] Rows(int seed, int count, string? attributes)
    {
        var drive = new CityDrive(seed);
        while (drive._rows.Count < count)
        {
            drive.DriveTo(drive._east + Anywhere(drive._random, 6_000), drive._north + Anywhere(drive._random, 6_000), attributes);
            drive.Stand(drive._random.Next(20, 900), attributes);
        }

        return [.. drive._rows.Take(count)];
    }

    private void DriveTo(double east, double north, string? attributes)
    {
        (east, north) = (Math.Clamp(east, -CityMeters / 2, CityMeters / 2), Math.Clamp(north, -CityMeters / 2, CityMeters / 2));
        // By streets: first east, then north, with a light now and then.
        foreach (var (toEast, toNorth) in ((double, double)[])[(east, _north), (east, north)])
        {
            var heading = toEast > _east ? 90.0 : toEast < _east ? 270 : toNorth > _north ? 0 : 180;
            for (var left = Left(toEast, toNorth); left > 1; left = Left(toEast, toNorth))
            {
                var speed = 8 + (_random.NextDouble() * 7);
                var part = Math.Min(1, speed * SecondsBetweenFixes / left);
                (_east, _north) = (_east + ((toEast - _east) * part), _north + ((toNorth - _north) * part));
                Add(speed, heading, attributes);
                if (_random.Next(60) == 0) Stand(_random.Next(10, 60), attributes);
            }
        }
    }

    private void Stand(int seconds, string? attributes)
    {
        for (var passed = 0; passed < seconds; passed += SecondsBetweenFixes) Add(0, null, attributes);
    }

    private double Left(double east, double north) => Math.Abs(east - _east) + Math.Abs(north - _north);

    private void Add(double speed, double? heading, string? attributes)
    {
        _now = _now.AddSeconds(SecondsBetweenFixes);
        var (east, north) = (_east + Anywhere(_random, 8), _north + Anywhere(_random, 8));
        _rows.Add(new Fix
        {
            Tenant = "default",
            VehicleId = _vehicle,
            DeviceId = _vehicle,
            FixedAt = _now,
            ReceivedAt = _now.AddMilliseconds(300),
            Digest = _random.NextInt64(),
            Verdict = FixVerdict.Accepted,
            Latitude = Latitude + (north / MetersPerDegree),
            Longitude = Longitude + (east / EastScale),
            SpeedMetersPerSecond = speed,
            HeadingDegrees = heading,
            AccuracyMeters = 3 + (_random.NextDouble() * 9),
            Attributes = attributes,
        });
    }

    private static string Area(Random random, double radius)
    {
        var (east, north, corners) = (Anywhere(random), Anywhere(random), random.Next(5, 41));
        var ring = Enumerable.Range(0, corners).Select(i => (2 * Math.PI * i / corners, radius * (0.7 + (0.3 * random.NextDouble()))))
            .Select(corner => Point(east + (corner.Item2 * Math.Cos(corner.Item1)), north + (corner.Item2 * Math.Sin(corner.Item1)))).ToList();
        return $$"""{"type":"Polygon","coordinates":[[{{string.Join(',', ring.Append(ring[0]))}}]]}""";
    }

    private static string Street(Random random)
    {
        var (east, north) = (Anywhere(random), Anywhere(random));
        return $$"""{"type":"LineString","coordinates":[{{Point(east, north)}},{{Point(east + 800, north + 100)}},{{Point(east + 1_500, north - 100)}}]}""";
    }

    private static double Anywhere(Random random, double width = CityMeters) => (random.NextDouble() - 0.5) * width;

    private static string Point(double east, double north) => string.Create(CultureInfo.InvariantCulture, $"[{Longitude + (east / EastScale)},{Latitude + (north / MetersPerDegree)}]");

    private static Fence Compile(int number, GeofenceShapeKind kind, string geometry, double? radius) => Fence.Compile(new Geofence
    {
        Id = $"f{number}",
        Tenant = "default",
        Name = $"f{number}",
        Version = 1,
        ValidFrom = DateTimeOffset.MinValue,
        ShapeKind = kind,
        Geometry = geometry,
        RadiusMeters = radius,
    });
}
