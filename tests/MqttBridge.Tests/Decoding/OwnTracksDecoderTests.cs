using FleetTracker.Mqtt;

namespace FleetTracker.Ingestion;

public sealed class OwnTracksDecoderTests
{
    [Fact]
    public void Location_becomes_a_fix_in_our_units()
    {
        var fix = Decoded.One(TopicFormat.OwnTracks, """
            {"lat":"52.5","lon":13.4,"tst":"1772366398","acc":"5","vel":"36","cog":-1,"alt":34,"batt":"87","odometer":12.5,"t":"i","vac":3,"inregions":["home"],"image":"AAAA","_type":"location"}
            """);

        Assert.False(fix.IsRefused, fix.Detail);
        Assert.Equal((52.5, 13.4, 34, 5), (fix.Latitude, fix.Longitude, fix.AltitudeMeters, fix.AccuracyMeters));
        Assert.Equal(10, fix.SpeedMetersPerSecond!.Value, 9);
        Assert.Null(fix.HeadingDegrees);
        Assert.Equal((12_500, true), (fix.OdometerMeters, fix.Ignition));
        Assert.Equal("""{"battery":87,"t":"i","vac":3,"inregions":["home"]}""", fix.Attributes);
    }

    [Theory]
    [InlineData("{\"_type\":\"location\",\"lon\":1,\"tst\":1772366398}", Refusals.MissingLatitude)]
    [InlineData("{\"_type\":\"location\",\"lat\":\"north\",\"lon\":1}", Refusals.NotANumber)]
    [InlineData("{\"_type\":\"location\",\"lat\":\"NaN\",\"lon\":1}", Refusals.NotANumber)]
    [InlineData("{\"_type\":\"location\",\"lat\":\"1e400\",\"lon\":1}", Refusals.LatitudeOutOfRange)]
    [InlineData("{\"_type\":\"location\",\"lat\":1,\"lon\":1,\"tst\":0}", Refusals.TimeBefore2000)]
    [InlineData("{\"_type\":\"encrypted\",\"data\":\"AAAA\"}", Refusals.Encrypted)]
    [InlineData("not json", Refusals.NotJson)]
    public void Mistake_has_a_word(string payload, string reason) => Assert.Equal(reason, Decoded.One(TopicFormat.OwnTracks, payload).Reason);

    [Theory]
    [InlineData("{\"_type\":\"waypoint\",\"lat\":\"x\"}", "waypoint")]
    [InlineData("{\"_type\":\"transition\",\"lat\":1,\"lon\":2}", "transition")]
    [InlineData("{\"_type\":\"steps\"}", "other")]
    [InlineData("{\"some\":\"thing\"}", "unknown")]
    [InlineData("", "empty")]
    public void Other_types_are_accepted_and_ignored(string payload, string type)
    {
        var elements = Decoded.Read(TopicFormat.OwnTracks, payload);
        Assert.Equal((0, type), (elements.Count, elements.IgnoredType));
    }

    [Fact]
    public void Last_will_says_that_the_phone_is_gone() => Assert.False(Decoded.Read(TopicFormat.OwnTracks, """{"_type":"lwt","tst":1}""").Online);

    [Theory]
    [InlineData("{\"online\":true}", true)]
    [InlineData("{\"online\":false,\"since\":7}", false)]
    public void Status_says_whether_the_device_is_online(string payload, bool expected)
    {
        var elements = Decoded.Read(TopicFormat.Status, payload);
        Assert.Equal((0, expected), (elements.Count, elements.Online));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"online\":1}")]
    [InlineData("{\"online\":null}")]
    public void Status_without_its_word_is_refused(string payload) => Assert.Equal(Refusals.NotABoolean, Decoded.One(TopicFormat.Status, payload).Reason);

    [Theory]
    [InlineData("{\"VP\":{\"lat\":60,\"long\":null}}", Refusals.MissingLongitude)]
    [InlineData("{\"VP\":7}", Refusals.NotAnObject)]
    [InlineData("{}", Refusals.NotAnObject)]
    [InlineData("{\"VP\":{},\"DUE\":{}}", Refusals.DuplicateMember)]
    [InlineData("{\"VP\":{\"lat\":91,\"long\":25}}", Refusals.LatitudeOutOfRange)]
    public void Hfp_mistake_has_a_word(string payload, string reason) => Assert.Equal(reason, Decoded.One(TopicFormat.Hfp, payload).Reason);

    [Fact]
    public void Hfp_zero_position_is_null_island() =>
        Assert.Equal(FixVerdict.NullIsland, Decoded.One(TopicFormat.Hfp, """{"VP":{"lat":0,"long":0}}""").Verdict);
}
