using System.Text;
using FleetTracker.Devices;
using FleetTracker.Ingestion;

namespace FleetTracker.Mqtt;

public sealed class TopicTests
{
    [Theory]
    [InlineData("fleet/truck-1/position", TopicFormat.Native, "truck-1", "truck-1")]
    [InlineData("fleet/truck-1/status", TopicFormat.Status, "truck-1", "truck-1")]
    [InlineData("fleet/truck-1/command/ack", TopicFormat.CommandAck, "truck-1", "truck-1")]
    [InlineData("owntracks/anna/phone", TopicFormat.OwnTracks, "anna:phone", "anna")]
    [InlineData("owntracks/anna/phone/event", TopicFormat.OwnTracks, "anna:phone", "anna")]
    [InlineData("/hfp/v2/journey/ongoing/vp/bus/0012/01913/4400/1/Vantaankoski/15:21/1130110/4/60;24/19/72/15", TopicFormat.Hfp, "hfp:0012:01913", "hfp:0012:01913")]
    [InlineData("/hfp/v2/journey/ongoing/vp/bus/0012/01913/4400/1//15:21", TopicFormat.Hfp, "hfp:0012:01913", "hfp:0012:01913")]
    [InlineData("/hfp/v2/journey/ongoing/vp/bus/0012/01913", TopicFormat.Hfp, "hfp:0012:01913", "hfp:0012:01913")]
    [InlineData("fleet/truck-1/command", TopicFormat.Unknown, "", "")]
    [InlineData("fleet/truck/1/position", TopicFormat.Unknown, "", "")]
    [InlineData("fleet/truck-1", TopicFormat.Unknown, "", "")]
    [InlineData("fleet/truck-1/position/", TopicFormat.Unknown, "", "")]
    [InlineData("owntracks/anna", TopicFormat.Unknown, "", "")]
    [InlineData("owntracks/anna/phone/cmd", TopicFormat.Unknown, "", "")]
    [InlineData("owntracks//phone", TopicFormat.Unknown, "", "")]
    [InlineData("/hfp/v2/journey/ongoing/vp/bus/0012", TopicFormat.Unknown, "", "")]
    [InlineData("/hfp/v1/journey/ongoing/vp/bus/0012/01913", TopicFormat.Unknown, "", "")]
    [InlineData("Fleet/truck-1/position", TopicFormat.Unknown, "", "")]
    internal void Topic_names_its_format_and_its_device(string topic, TopicFormat format, string deviceId, string owner)
    {
        var name = TopicName.Parse(topic);
        Assert.Equal((format, deviceId, owner), (name.Format, name.DeviceId, name.Owner));
    }

    // The examples of the MQTT specification, section 4.7, and what they leave out.
    [Theory]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/ranking", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
    [InlineData("sport/#", "sport", true)]
    [InlineData("#", "sport/tennis", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1/ranking", false)]
    [InlineData("sport/+", "sport", false)]
    [InlineData("sport/+", "sport/", true)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("/+", "/finance", true)]
    [InlineData("+", "/finance", false)]
    [InlineData("#", "$SYS/uptime", false)]
    [InlineData("+/uptime", "$SYS/uptime", false)]
    [InlineData("$SYS/#", "$SYS/uptime", true)]
    [InlineData("fleet/a/position", "fleet/A/position", false)]
    [InlineData("fleet/+/position", "fleet/a/status", false)]
    [InlineData("a/b", "a", false)]
    [InlineData("a", "a/b", false)]
    public void Filter_matches_as_the_specification_says(string filter, string topic, bool expected) =>
        Assert.Equal(expected, TopicFilter.Matches(filter, topic));

    [Theory]
    [InlineData("a/+/b", true)]
    [InlineData("#", true)]
    [InlineData("a/#", true)]
    [InlineData("a/#/b", false)]
    [InlineData("a/b#", false)]
    [InlineData("a/b+/c", false)]
    [InlineData("", false)]
    public void Filter_is_checked_for_its_wildcards(string filter, bool expected) => Assert.Equal(expected, TopicFilter.IsValid(filter));

    [Theory]
    [InlineData("truck-1", true)]
    [InlineData("gateway:depot", true)]
    [InlineData("gateway:", false)]
    [InlineData("", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("ä", false)]
    public void User_name_is_a_device_id_or_a_gateway(string userName, bool expected) => Assert.Equal(expected, ClientAccess.IsLegalUserName(userName));

    [Theory]
    [InlineData("truck-1", "fleet/truck-1/position", null)]
    [InlineData("truck-1", "fleet/TRUCK-1/position", Refusals.ForeignTopic)]
    [InlineData("anna", "owntracks/anna/phone", null)]
    [InlineData("anna", "owntracks/bob/phone", Refusals.ForeignTopic)]
    [InlineData("hfp:0012:01913", "/hfp/v2/journey/ongoing/vp/bus/0012/01913/1", null)]
    [InlineData("hfp:0012:01914", "/hfp/v2/journey/ongoing/vp/bus/0012/01913/1", Refusals.ForeignTopic)]
    [InlineData("truck-1", "elsewhere", Refusals.ForeignTopic)]
    public void Device_owns_the_topics_of_its_name(string userName, string topic, string? refusal) =>
        Assert.Equal(refusal, TopicRoute.For(topic, new ClientAccess(new MqttAccess { Kind = MqttAccessKind.Device, Tenant = "acme" }, userName)).Refusal);

    [Theory]
    [InlineData("fleet/truck-1/position", null)]
    [InlineData("fleet/bad id/position", Refusals.IllegalDeviceId)]
    [InlineData("elsewhere", Refusals.UnknownTopic)]
    public void Gateway_without_filters_speaks_for_every_legal_device(string topic, string? refusal) =>
        Assert.Equal(refusal, TopicRoute.For(topic, new ClientAccess(new MqttAccess { Kind = MqttAccessKind.Gateway, Tenant = "acme" }, "gateway:a")).Refusal);

    [Fact]
    public void Route_is_found_again_and_an_illegal_topic_is_none()
    {
        var routes = new TopicRoutes(new ClientAccess(new MqttAccess { Kind = MqttAccessKind.Gateway, Tenant = "acme" }, "gateway:a"));
        var first = routes.Find("fleet/a/position"u8);
        routes.Find("fleet/b/position"u8);

        Assert.Same(first, routes.Find("fleet/a/position"u8));
        Assert.Null(routes.Find("fleet/+/position"u8));
        Assert.Null(routes.Find(""u8));
        Assert.Null(routes.Find([0xFF, (byte)'a']));
        Assert.Null(routes.Find(Encoding.UTF8.GetBytes("a\0b")));
    }

    [Fact]
    public void Refused_topic_is_not_remembered()
    {
        var routes = new TopicRoutes(new ClientAccess(new MqttAccess { Kind = MqttAccessKind.Device, Tenant = "acme" }, "a"));
        var own = routes.Find("fleet/a/position"u8);
        var foreign = routes.Find("fleet/b/position"u8);

        Assert.NotSame(foreign, routes.Find("fleet/b/position"u8));
        Assert.Same(own, routes.Find("fleet/a/position"u8));
    }

    [Theory]
    [InlineData(TopicRoute.MaxTopicBytes, null)]
    [InlineData(TopicRoute.MaxTopicBytes + 1, Refusals.TopicTooLong)]
    public void Topic_longer_than_any_format_needs_is_refused(int bytes, string? refusal)
    {
        var gateway = new ClientAccess(new MqttAccess { Kind = MqttAccessKind.Gateway, Tenant = "acme" }, "gateway:a");
        var topic = "/hfp/v2/journey/ongoing/vp/bus/0012/01913/".PadRight(bytes, 'x');

        Assert.Equal(refusal, TopicRoute.For(topic, gateway).Refusal);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("ä")]
    [InlineData("€")]
    public void Cut_topic_is_still_a_topic_and_still_too_long(string letter)
    {
        var cut = TopicRoute.Cut(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(letter, 1000))));

        Assert.True(System.Text.Unicode.Utf8.IsValid(cut));
        Assert.InRange(cut.Length, TopicRoute.MaxTopicBytes + 1, TopicRoute.MaxTopicBytes + 4);
    }
}
