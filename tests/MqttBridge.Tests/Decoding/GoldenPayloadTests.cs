using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text.Json;
using FleetTracker.Mqtt;

namespace FleetTracker.Ingestion;

/// <summary>Captured payloads. Each decoded fix also passes <see cref="Plausible"/>.</summary>
public sealed class GoldenPayloadTests
{
    // A digest is part of a stored key: a change here stores every buffered fix a second time.
    private const ulong HfpDigests = 1_474_982_931_927_977_839;

    [Fact]
    public void Helsinki_feed_decodes_line_by_line()
    {
        int positions = 0, without = 0, late = 0;
        var newest = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        var digests = new XxHash3();
        foreach (var (receivedAt, topic, payload) in HfpLines())
        {
            var name = TopicName.Parse(topic);
            Assert.Equal(TopicFormat.Hfp, name.Format);
            var fix = Decoded.One(name.Format, payload, receivedAt);
            Assert.False(fix.IsRefused, fix.Detail);
            digests.Append(BitConverter.GetBytes(fix.Digest));
            Assert.Null(fix.AccuracyMeters);
            if (fix.Verdict == FixVerdict.NoPosition)
            {
                without++;
                continue;
            }

            positions++;
            Assert.Equal(FixVerdict.Accepted, fix.Verdict);
            if (newest.TryGetValue(name.DeviceId, out var before) && fix.FixedAt < before) late++;
            else newest[name.DeviceId] = fix.FixedAt;
        }

        Assert.Equal((751, 940, 8), (positions, without, late));
        Assert.Equal(HfpDigests, digests.GetCurrentHashAsUInt64());
    }

    [Fact]
    public void Helsinki_line_keeps_what_it_says()
    {
        var (receivedAt, topic, payload) = HfpLines().First();
        var fix = Decoded.One(TopicFormat.Hfp, payload, receivedAt);

        Assert.Equal("hfp:0012:01913", TopicName.Parse(topic).DeviceId);
        Assert.Equal((60.171325, 24.925031, 4.0, 274), (fix.Latitude, fix.Longitude, fix.SpeedMetersPerSecond, fix.HeadingDegrees));
        Assert.Equal(new DateTimeOffset(2023, 10, 29, 13, 24, 10, 211, TimeSpan.Zero), fix.FixedAt);
        Assert.Null(fix.OdometerMeters);
        using var attributes = JsonDocument.Parse(fix.Attributes!);
        Assert.Equal("DUE", attributes.RootElement.GetProperty("event").GetString());
        Assert.Equal(-1.70, attributes.RootElement.GetProperty("acc").GetDouble());
        Assert.Equal(741, attributes.RootElement.GetProperty("odo").GetInt32());
    }

    [Fact]
    public void OwnTracks_payloads_decode_as_their_authors_expect()
    {
        var rows = 0;
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "data", "owntracks.jsonl")))
        {
            rows++;
            using var row = JsonDocument.Parse(line);
            var payload = row.RootElement.GetProperty("payload");
            CheckOwnTracks(payload, row.RootElement);
        }

        Assert.Equal(14, rows);
    }

    private static void CheckOwnTracks(JsonElement payload, JsonElement row)
    {
        var elements = Decoded.Read(TopicFormat.OwnTracks, payload.GetRawText(), options: new FixOptions { Retention = TimeSpan.FromDays(3660), MaxClockLead = TimeSpan.FromDays(365) });
        if (row.TryGetProperty("expectedError", out var error))
        {
            // On MQTT the topic stands for the tracker id, so only the time is wrong here.
            if (error.GetString() == "zero timestamp") Assert.Equal(Refusals.TimeBefore2000, elements[0].Reason);
            else Assert.Equal(FixVerdict.NullIsland, elements[0].Verdict);
            return;
        }

        var expected = row.GetProperty("expected");
        if (expected.TryGetProperty("count", out var count))
        {
            Assert.Equal(count.GetInt32(), elements.Count);
            Assert.Equal(expected.GetProperty("times").EnumerateArray().Select(time => time.GetInt64()), [elements[0].FixedAt.ToUnixTimeSeconds(), elements[1].FixedAt.ToUnixTimeSeconds()]);
            return;
        }

        if (payload.TryGetProperty("_type", out var type) && type.GetString() == "location") CheckLocation(elements[0], payload, expected);
        else Assert.Equal((0, true), (elements.Count, elements.IgnoredType is not null));
    }

    private static void CheckLocation(in DecodedElement fix, JsonElement payload, JsonElement expected)
    {
        Assert.False(fix.IsRefused, fix.Detail);
        Assert.Equal(payload.GetProperty("tst").GetInt64(), fix.FixedAt.ToUnixTimeSeconds());
        Assert.Equal(payload.GetProperty("lat").GetDouble(), fix.Latitude);
        Assert.Equal(payload.GetProperty("lon").GetDouble(), fix.Longitude);
        if (expected.TryGetProperty("time", out var time)) Assert.Equal(time.GetDateTimeOffset(), fix.FixedAt);
        if (expected.TryGetProperty("accuracyM", out var accuracy)) Assert.Equal(accuracy.GetDouble(), fix.AccuracyMeters);
        if (expected.TryGetProperty("altitudeM", out var altitude)) Assert.Equal(altitude.GetDouble(), fix.AltitudeMeters);
        if (expected.TryGetProperty("headingDeg", out var heading)) Assert.Equal(heading.GetDouble(), fix.HeadingDegrees);
        if (expected.TryGetProperty("speedKmh", out var speed)) Assert.Equal(speed.GetDouble() / 3.6, fix.SpeedMetersPerSecond!.Value, 9);
        if (expected.TryGetProperty("batteryPct", out var battery)) Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"\"battery\":{battery.GetInt32()}"), fix.Attributes, StringComparison.Ordinal);
    }

    private static IEnumerable<(DateTimeOffset ReceivedAt, string Topic, string Payload)> HfpLines()
    {
        using var file = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "data", "hsl_hfp_v2.dump.gz")), CompressionMode.Decompress);
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line)
        {
            // Topics hold spaces (headsigns), so the payload begins where JSON does.
            var payload = line.IndexOf(" {", StringComparison.Ordinal);
            var topic = line.IndexOf(' ', StringComparison.Ordinal);
            yield return (DateTimeOffset.Parse(line[..topic], CultureInfo.InvariantCulture), line[(topic + 1)..payload], line[(payload + 1)..]);
        }
    }
}
