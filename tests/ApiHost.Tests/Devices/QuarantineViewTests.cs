using System.Text;
using FleetTracker.Ingestion;
using FleetTracker.LiveMap.Tests;

namespace FleetTracker.Devices.Tests;

public sealed class QuarantineViewTests
{
    private static QuarantineView View(byte[] payload, bool isTruncated = false) => QuarantineView.Of(new QuarantinedMessage
    {
        Tenant = "default", DeviceId = "d1", Topic = "fleet/d1/position", Reason = "not_json", Payload = [.. payload], Truncated = isTruncated,
        ReceivedAt = Fleet.Noon, Detail = "why",
    });

    [Fact]
    public void Text_is_shown_as_text() => Assert.Equal(("{\"lät\":1", false), (View("{\"lät\":1"u8.ToArray()).Payload, View("{\"lät\":1"u8.ToArray()).Base64));

    [Fact]
    public void Bytes_are_shown_in_base64() => Assert.Equal(("/wABAg==", true), (View([0xff, 0, 1, 2]).Payload, View([0xff, 0, 1, 2]).Base64));

    [Fact]
    public void A_cut_through_a_character_is_still_text()
    {
        var cut = Encoding.UTF8.GetBytes("abc€")[..^1];
        Assert.Equal(("abc", false), (View(cut, isTruncated: true).Payload, View(cut, isTruncated: true).Base64));
        Assert.True(View(cut).Base64);
    }

    [Fact]
    public void Nothing_is_text() => Assert.Equal(("", false), (View([]).Payload, View([]).Base64));

    [Theory]
    [InlineData("#", true)]
    [InlineData("fleet/+/position", true)]
    [InlineData("a/#", true)]
    [InlineData("/hfp/v2/#", true)]
    [InlineData("a/#/b", false)]
    [InlineData("a/b#", false)]
    [InlineData("a+/b", false)]
    [InlineData("", false)]
    public void Topic_filters_follow_MQTT(string filter, bool expected) => Assert.Equal(expected, GatewayEndpoints.IsTopicFilter(filter));
}
