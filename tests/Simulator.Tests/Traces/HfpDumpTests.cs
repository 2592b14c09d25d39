using System.Text;
using FleetTracker.Simulation;

namespace FleetTracker.Simulator.Tests.Traces;

public sealed class HfpDumpTests
{
    private const string Line =
        """2024-02-13T16:33:00.978556Z /hfp/v2/journey/ongoing/vp/bus/0018/01029/5520/2/Matinkylä (M)/18:48/4170215/0//// {"VP":{"oper":6,"veh":1029,"tst":"2024-02-13T16:33:00.931Z","tsi":1707841980,"spd":4.5,"hdg":90,"lat":60.1,"long":24.9,"acc":-0.1}}""";

    [Fact]
    public void Topic_and_payload_stay_as_they_were_received_even_with_spaces_in_the_headsign()
    {
        var element = Read(Line);

        Assert.Equal("/hfp/v2/journey/ongoing/vp/bus/0018/01029/5520/2/Matinkylä (M)/18:48/4170215/0////", element.Topic);
        Assert.Equal(Line[Line.IndexOf('{', StringComparison.Ordinal)..], Encoding.UTF8.GetString(element.Payload));
        Assert.Equal("hfp:0018:01029", element.DeviceId);
        Assert.Equal((60.1, 24.9, 4.5, 90), (element.Latitude, element.Longitude, element.SpeedMetersPerSecond, element.HeadingDegrees));
        Assert.Null(element.AccuracyMeters);
    }

    [Fact]
    public void Moving_the_time_changes_tst_and_tsi_and_not_another_byte()
    {
        var shift = TimeSpan.FromDays(1_000);

        var moved = Read(Line, shift);

        var expected = Line[Line.IndexOf('{', StringComparison.Ordinal)..]
            .Replace("2024-02-13T16:33:00.931Z", "2026-11-09T16:33:00.931Z", StringComparison.Ordinal)
            .Replace("1707841980", "1794241980", StringComparison.Ordinal);
        Assert.Equal(expected, Encoding.UTF8.GetString(moved.Payload));
        Assert.Equal(Read(Line).FixedAt + shift, moved.FixedAt);
        Assert.Equal(Read(Line).RecordedAt + shift, moved.RecordedAt);
    }

    [Fact]
    public void Null_coordinates_are_no_position() =>
        Assert.Null(Read(Line.Replace("60.1", "null", StringComparison.Ordinal)).Latitude);

    [Fact]
    public void A_line_that_is_no_message_is_named() =>
        Assert.StartsWith("line 1:", Assert.Throws<TraceFormatException>(() => Read("2024-02-13T16:33:00Z nothing")).Message, StringComparison.Ordinal);

    private static TraceElement Read(string line, TimeSpan shift = default)
    {
        using var reader = new StringReader(line);
        return Assert.Single(HfpDump.Read(reader, shift));
    }
}
