using System.Text.Json;
using System.Text.Json.Nodes;
using FleetTracker.LiveMap;
using FleetTracker.Problems;
using MessagePack;

namespace FleetTracker.LiveMap.Tests;

public sealed class LiveMessagesTests
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new Rfc3339JsonConverter() } };

    private static readonly LiveView View =
        new("v1", "Van 1", "moving", Fleet.Noon, Fleet.Noon.AddMilliseconds(12.5), 60.2, 24.9, 3.5, null, 5);

    public static TheoryData<object> Messages =>
    [
        View,
        new SnapshotMessage(1, [View], [new ClusterView(1.5, 2.5, 3, "offline")], 4),
        new SnapshotMessage(1, [], null, 0),
        new DeltaMessage(1, 2, [View], ["v2"]),
        new ClustersMessage(2, [new ClusterView(1, 2, 3, "moving")]),
        new FreshnessMessage(Fleet.Noon, Fleet.Noon.AddSeconds(1), true, "why"),
        new FreshnessMessage(null, Fleet.Noon, false, null),
    ];

    [Theory]
    [MemberData(nameof(Messages))]
    public void MessagePack_and_JSON_say_the_same_with_the_same_names(object message)
    {
        var packed = MessagePackSerializer.ConvertToJson(MessagePackSerializer.Serialize(message.GetType(), message, LiveMessagePack.Options));
        var json = JsonSerializer.Serialize(message, message.GetType(), Json);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(packed)), $"JSON {json}{Environment.NewLine}MessagePack {packed}");
    }

    [Fact]
    public void A_vehicle_looks_like_the_contract() => Assert.Equal(
        """{"vehicleId":"v1","name":"Van 1","status":"moving","fixedAt":"2026-03-01T12:00:00Z","receivedAt":"2026-03-01T12:00:00.0125Z","lat":60.2,"lon":24.9,"speed":3.5,"heading":null,"accuracy":5}""",
        JsonSerializer.Serialize(View, Json));

    [Fact]
    public void A_viewport_is_read_from_both()
    {
        var expected = new WatchRequest { West = 1, South = 2, East = 3.5, North = 4, Zoom = 5 };
        const string json = """{"west":1,"south":2,"east":3.5,"north":4,"zoom":5}""";
        Assert.Equal(expected, JsonSerializer.Deserialize<WatchRequest>(json, Json));
        Assert.Equal(expected, MessagePackSerializer.Deserialize<WatchRequest>(MessagePackSerializer.ConvertFromJson(json), LiveMessagePack.Options));
    }

    [Theory]
    [InlineData(MotionStatus.Moving, 1, "moving")]
    [InlineData(MotionStatus.Idling, 1, "idling")]
    [InlineData(MotionStatus.Stopped, 1, "stopped")]
    [InlineData(MotionStatus.Unknown, 1, "unknown")]
    [InlineData(MotionStatus.Moving, 0, "offline")]
    [InlineData(MotionStatus.Stopped, -1, "offline")]
    public void Status_is_motion_until_the_time_is_up(MotionStatus motion, int secondsLeft, string expected) =>
        Assert.Equal(expected, VehicleStatuses.Of(Fleet.Live("a", 1, 1, motion: motion, offlineAt: Fleet.Noon.AddSeconds(secondsLeft)), Fleet.Noon).Word());

    [Fact]
    public void A_vehicle_that_never_reported_is_unknown() => Assert.Equal("unknown", VehicleStatuses.Of(null, Fleet.Noon).Word());
}
