using System.Globalization;
using System.Text;

namespace FleetTracker.Cluster;

/// <summary>
/// Two hours of one vehicle, an hour ago: stops, trips, a pass through a fence, an SOS, a battery that runs low, an ignition. Every device sends
/// the same fixes, so every vehicle must have the same said about it.
/// </summary>
internal sealed class Journey
{
    private readonly List<string> _fixes = [];
    private readonly DateTimeOffset _start;
    private double _latitude = 60.17;
    private double _longitude = 24.94;
    private double _seconds;

    public Journey(DateTimeOffset start)
    {
        _start = start;
        Stand(600, "\"ignition\":false");
        Drive(100, 100, 10, "\"ignition\":true");
        Stand(480, "\"ignition\":true");
        Drive(60, -100, 15, "\"ignition\":true,\"battery\":12");
        Stand(120, "\"ignition\":true,\"alarm\":\"sos\"");
        Drive(80, 150, 25, "\"ignition\":true,\"battery\":40");
        Stand(1_200, "\"ignition\":false");
        Drive(100, -100, 10, "\"ignition\":true");
        Stand(600, "\"ignition\":false");
    }

    /// <summary>Payloads in the order of their times.</summary>
    public IReadOnlyList<string> Fixes => _fixes;

    private void Stand(int seconds, string rest)
    {
        for (var passed = 0; passed < seconds; passed += 10) Add(0, rest);
    }

    private void Drive(int fixes, int metersEast, int speed, string rest)
    {
        for (var i = 0; i < fixes; i++)
        {
            _longitude += metersEast / 55_300.0;
            _latitude += i % 10 < 5 ? 0.0001 : -0.0001;
            Add(speed, rest);
        }
    }

    private void Add(int speed, string rest)
    {
        _seconds += 10;
        var fix = new StringBuilder();
        fix.Append(CultureInfo.InvariantCulture, $"{{\"time\":\"{_start.AddSeconds(_seconds):yyyy-MM-dd'T'HH:mm:ss'Z'}\",\"lat\":{_latitude:F6},\"lon\":{_longitude:F6},\"speed\":{speed},\"accuracy\":5,{rest}}}");
        _fixes.Add(fix.ToString());
    }
}
