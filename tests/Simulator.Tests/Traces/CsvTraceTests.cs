using System.Text.Json;
using FleetTracker.Simulation;

namespace FleetTracker.Simulator.Tests.Traces;

public sealed class CsvTraceTests
{
    [Fact]
    public void A_row_becomes_a_native_fix_with_what_it_gives_and_nothing_else()
    {
        var element = Assert.Single(Read("bus 7,2015-09-07T01:53:00Z,30.27361,-97.69088,0,,"));

        Assert.Equal("austin-bus-7", element.DeviceId);
        Assert.Equal("fleet/austin-bus-7/position", element.Topic);
        Assert.Equal("""{"time":"2015-09-07T01:53:00Z","lat":30.27361,"lon":-97.69088,"speed":0}""", Text(element));
        Assert.Equal(new DateTimeOffset(2015, 9, 7, 1, 53, 0, TimeSpan.Zero), element.FixedAt);
        Assert.Null(element.HeadingDegrees);
    }

    [Fact]
    public void Fractions_of_a_second_survive_a_shift_of_time()
    {
        var element = Assert.Single(Read("a,2023-10-29T13:24:10.684Z,60.171325,24.925031,4.53,274,5", TimeSpan.FromSeconds(50)));

        Assert.Equal("2023-10-29T13:25:00.684Z", JsonDocument.Parse(element.Payload).RootElement.GetProperty("time").GetString());
    }

    [Theory]
    [InlineData("a,2015-09-07T01:53:00Z,30.2", "line 2: expected 7 fields, found 3")]
    [InlineData("a,yesterday,30.2,-97,,,", "line 2: 'yesterday' is no RFC 3339 time")]
    [InlineData("a,2015-09-07T01:53:00Z,north,-97,,,", "line 2: lat 'north' is no number")]
    [InlineData("a,2015-09-07T01:53:00Z,NaN,-97,,,", "line 2: lat 'NaN' is no number")]
    [InlineData("a,2015-09-07T01:53:00Z,30.2,,,,", "line 2: no lon")]
    public void A_line_that_cannot_be_read_is_named(string line, string message) =>
        Assert.Equal(message, Assert.Throws<TraceFormatException>(() => Read(line)).Message);

    private static List<TraceElement> Read(string rows, TimeSpan shift = default)
    {
        using var reader = new StringReader($"{CsvTrace.Header}\n{rows}\n");
        return [.. CsvTrace.Read(reader, "austin", shift: shift)];
    }

    private static string Text(TraceElement element) => System.Text.Encoding.UTF8.GetString(element.Payload);
}
