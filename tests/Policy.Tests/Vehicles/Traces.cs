using FleetTracker.Ingestion;

namespace FleetTracker.Vehicles;

/// <summary>Made-up journeys in meters east and north of a place, as rows of one vehicle.</summary>
internal sealed class Trace(double latitude = 60.17, double longitude = 24.94)
{
    private readonly List<Fix> _rows = [];
    private double _seconds;
    private double _east;
    private double _north;

    public static readonly DateTimeOffset Start = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    public IReadOnlyList<Fix> Rows => _rows;

    public DateTimeOffset Now => Start.AddSeconds(_seconds);

    public double East => _east;

    public double North => _north;

    /// <summary>The device's own speed goes with every fix.</summary>
    public bool WithSpeed { get; init; } = true;

    public bool? Ignition { get; set; }

    public double? Accuracy { get; set; }

    public string? Attributes { get; set; }

    public Trace Wait(double seconds)
    {
        _seconds += seconds;
        return this;
    }

    /// <summary>Fixes at one place, jittering a little in a way that is always the same.</summary>
    public Trace Stand(double seconds, double every = 10, double jitter = 3)
    {
        for (var passed = 0.0; passed < seconds; passed += every)
        {
            _seconds += every;
            var angle = _rows.Count * 2.399;
            Add(_east + (jitter * Math.Cos(angle)), _north + (jitter * Math.Sin(angle)), 0);
        }

        return this;
    }

    /// <summary>A straight way at a steady speed, in m/s.</summary>
    public Trace Drive(double east, double north, double speed = 10, double every = 10)
    {
        var meters = Math.Sqrt((east * east) + (north * north));
        var (fromEast, fromNorth) = (_east, _north);
        var steps = Math.Max(1, (int)Math.Round(meters / speed / every));
        for (var i = 1; i <= steps; i++)
        {
            _seconds += meters / speed / steps;
            (_east, _north) = (fromEast + (east * i / steps), fromNorth + (north * i / steps));
            Add(_east, _north, speed);
        }

        return this;
    }

    /// <summary>One fix somewhere else; the vehicle itself stays.</summary>
    public Trace Outlier(double east, double north, double? accuracy = null)
    {
        _seconds += 10;
        Add(_east + east, _north + north, 0, accuracy);
        return this;
    }

    public Trace Fix(double east, double north, double? speed, double after = 10)
    {
        _seconds += after;
        (_east, _north) = (east, north);
        Add(east, north, speed);
        return this;
    }

    public Trace Change(Func<Fix, Fix> last)
    {
        _rows[^1] = last(_rows[^1]);
        return this;
    }

    private void Add(double east, double north, double? speed, double? accuracy = null) => _rows.Add(new Fix
    {
        Tenant = "default",
        VehicleId = "v1",
        DeviceId = "d1",
        FixedAt = Now,
        ReceivedAt = Now.AddSeconds(1),
        Digest = _rows.Count + 1,
        Verdict = FixVerdict.Accepted,
        Latitude = latitude + (north / 111_200),
        Longitude = longitude + (east / (111_200 * Math.Cos(latitude * Math.PI / 180))),
        SpeedMetersPerSecond = WithSpeed ? speed : null,
        AccuracyMeters = accuracy ?? Accuracy,
        Ignition = Ignition,
        Attributes = Attributes,
    });
}
