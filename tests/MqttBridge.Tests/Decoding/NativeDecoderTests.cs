using System.Globalization;
using System.Text;
using CsCheck;
using FleetTracker.Mqtt;

namespace FleetTracker.Ingestion;

public sealed class NativeDecoderTests
{
    [Fact]
    public void Every_member_has_its_place()
    {
        var fix = Decoded.Native("""
            {"time":"2026-03-01T11:59:58.1234567+02:00","lat":-33.5,"lon":151.25,"altitude":12.5,"speed":13.9,"heading":271,"accuracy":4,
             "satellites":9,"ignition":true,"odometer":123456,"battery":87.5,"alarm":"sos","attributes":{"door":"open","temp":[1,2]}}
            """);

        Assert.False(fix.IsRefused, fix.Detail);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 9, 59, 58, 123, 456, TimeSpan.Zero), fix.FixedAt);
        Assert.Equal((-33.5, 151.25, 12.5), (fix.Latitude, fix.Longitude, fix.AltitudeMeters));
        Assert.Equal((13.9, 271, 4), (fix.SpeedMetersPerSecond, fix.HeadingDegrees, fix.AccuracyMeters));
        Assert.Equal((true, 123456), (fix.Ignition, fix.OdometerMeters));
        Assert.Equal("""{"satellites":9,"battery":87.5,"alarm":"sos","door":"open","temp":[1,2]}""", fix.Attributes);
        Assert.Equal(FixVerdict.Accepted, fix.Verdict);
    }

    [Theory]
    [InlineData("1772366398", "2026-03-01T11:59:58Z")]
    [InlineData("1772366398.5", "2026-03-01T11:59:58.5Z")]
    [InlineData("1772366398123", "2026-03-01T11:59:58.123Z")]
    [InlineData("\"2026-03-01T11:59:58Z\"", "2026-03-01T11:59:58Z")]
    [InlineData("\"2026-03-01t11:59:58z\"", "2026-03-01T11:59:58Z")]
    [InlineData("\"2026-03-01 12:59:58+01:00\"", "2026-03-01T11:59:58Z")]
    [InlineData("\"2026-03-01T05:59:58-06:00\"", "2026-03-01T11:59:58Z")]
    [InlineData("\"2026-02-28T23:59:60Z\"", "2026-03-01T00:00:00Z")]
    [InlineData("null", "2026-03-01T12:00:00Z")]
    public void Time_is_text_or_seconds_or_milliseconds(string json, string expected)
    {
        var fix = Decoded.Native($$"""{"time":{{json}},"lat":1,"lon":2}""");
        Assert.False(fix.IsRefused, fix.Detail);
        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), fix.FixedAt);
    }

    [Theory]
    [InlineData("{\"lat\":1,\"lon\":2,\"lat\":3}", Refusals.DuplicateMember)]
    [InlineData("{\"lat\":1,\"lon\":2,\"l\\u0061t\":3}", Refusals.DuplicateMember)]
    [InlineData("{\"lat\":1}", Refusals.MissingLongitude)]
    [InlineData("{\"lon\":1}", Refusals.MissingLatitude)]
    [InlineData("{}", Refusals.MissingLatitude)]
    [InlineData("{\"Lat\":1,\"Lon\":2}", Refusals.MissingLatitude)]
    [InlineData("{\"lat\":null,\"lon\":2}", Refusals.MissingLatitude)]
    [InlineData("{\"lat\":1,\"lon\":null}", Refusals.MissingLongitude)]
    [InlineData("{\"lat\":[1],\"lon\":2}", Refusals.NotANumber)]
    [InlineData("{\"lat\":{\"a\":1},\"lon\":2}", Refusals.NotANumber)]
    [InlineData("{\"lat\":true,\"lon\":2}", Refusals.NotANumber)]
    [InlineData("{\"lat\":-90.0000001,\"lon\":2}", Refusals.LatitudeOutOfRange)]
    [InlineData("{\"lat\":1,\"lon\":-180.0000001}", Refusals.LongitudeOutOfRange)]
    [InlineData("{\"lat\":1,\"lon\":2,\"speed\":\"fast\"}", Refusals.NotANumber)]
    [InlineData("{\"lat\":1,\"lon\":2,\"altitude\":1e300}", Refusals.NumberOutOfRange)]
    [InlineData("{\"lat\":1,\"lon\":2,\"ignition\":1}", Refusals.NotABoolean)]
    [InlineData("{\"lat\":1,\"lon\":2,\"ignition\":\"true\"}", Refusals.NotABoolean)]
    [InlineData("{\"lat\":1,\"lon\":2,\"alarm\":7}", Refusals.NotAString)]
    [InlineData("{\"lat\":1,\"lon\":2,\"attributes\":[]}", Refusals.NotAnObject)]
    [InlineData("{\"lat\":1,\"lon\":2,\"attributes\":{\"battery\":1}}", Refusals.DuplicateMember)]
    [InlineData("{\"lat\":1,\"lon\":2,\"attributes\":{\"a\":\"x\\u0000\"}}", Refusals.BadText)]
    [InlineData("{\"lat\":1,\"lon\":2,\"attributes\":{\"a\":[\"\\ud800\"]}}", Refusals.BadText)]
    [InlineData("{\"lat\":1,\"lon\":2,\"attributes\":{\"a\\u0000\":1}}", Refusals.BadText)]
    [InlineData("{\"lat\":1,\"lon\":2,\"attributes\":{\"a\":1e99999}}", Refusals.NumberOutOfRange)]
    [InlineData("{\"time\":\"2026-03-01T11:59:58\",\"lat\":1,\"lon\":2}", Refusals.BadTime)]
    [InlineData("{\"time\":\"yesterday\",\"lat\":1,\"lon\":2}", Refusals.BadTime)]
    [InlineData("{\"time\":\"1772366398\",\"lat\":1,\"lon\":2}", Refusals.BadTime)]
    [InlineData("{\"time\":\"2026-02-30T00:00:00Z\",\"lat\":1,\"lon\":2}", Refusals.BadTime)]
    [InlineData("{\"time\":true,\"lat\":1,\"lon\":2}", Refusals.BadTime)]
    [InlineData("{\"time\":1e300,\"lat\":1,\"lon\":2}", Refusals.TimeAhead)]
    [InlineData("{\"time\":-1e300,\"lat\":1,\"lon\":2}", Refusals.TimeBefore2000)]
    [InlineData("{\"time\":\"1999-12-31T23:59:59Z\",\"lat\":1,\"lon\":2}", Refusals.TimeBefore2000)]
    [InlineData("{\"time\":\"2026-03-01T12:01:31Z\",\"lat\":1,\"lon\":2}", Refusals.TimeAhead)]
    [InlineData("{\"time\":\"2024-12-31T00:00:00Z\",\"lat\":1,\"lon\":2}", Refusals.TimeBeyondRetention)]
    [InlineData("7", Refusals.NotAnObject)]
    [InlineData("\"a\"", Refusals.NotAnObject)]
    [InlineData("null", Refusals.NotAnObject)]
    [InlineData("[7]", Refusals.NotAnObject)]
    [InlineData("[[{\"lat\":1,\"lon\":2}]]", Refusals.NotAnObject)]
    [InlineData("{\"lat\":1,\"lon\":2}x", Refusals.NotJson)]
    [InlineData("{\"lat\":1,\"lon\":2},", Refusals.NotJson)]
    [InlineData("{\"lat\":1,\"lon\":2", Refusals.NotJson)]
    [InlineData("{\"lat\":1,\"lon\":2,}", Refusals.NotJson)]
    [InlineData("{'lat':1,'lon':2}", Refusals.NotJson)]
    [InlineData("{\"lat\":Infinity,\"lon\":2}", Refusals.NotJson)]
    [InlineData("{\"lat\":1,\"lon\":2} // here", Refusals.NotJson)]
    [InlineData(" \r\n", Refusals.Empty)]
    public void Mistake_has_a_word(string payload, string reason)
    {
        var element = Decoded.Native(payload);
        Assert.Equal(reason, element.Reason);
    }

    [Theory]
    [InlineData("{\"lat\":0,\"lon\":0}", FixVerdict.NullIsland)]
    [InlineData("{\"lat\":-0.0,\"lon\":0}", FixVerdict.NullIsland)]
    [InlineData("{\"lat\":0,\"lon\":0.0000001}", FixVerdict.Accepted)]
    [InlineData("{\"lat\":null,\"lon\":null}", FixVerdict.NoPosition)]
    [InlineData("{\"lat\":90,\"lon\":180}", FixVerdict.Accepted)]
    [InlineData("{\"lat\":-90,\"lon\":-180}", FixVerdict.Accepted)]
    [InlineData("{\"time\":\"2026-02-22T12:00:00Z\",\"lat\":1,\"lon\":2}", FixVerdict.Accepted)]
    [InlineData("{\"time\":\"2026-02-22T11:59:59.999999Z\",\"lat\":1,\"lon\":2}", FixVerdict.BeyondWindow)]
    [InlineData("{\"time\":\"2026-02-01T12:00:00Z\",\"lat\":0,\"lon\":0}", FixVerdict.NullIsland)]
    [InlineData("{\"time\":\"2026-03-01T12:01:30Z\",\"lat\":1,\"lon\":2}", FixVerdict.Accepted)]
    public void Verdict_depends_on_the_fix_alone(string payload, FixVerdict verdict)
    {
        var fix = Decoded.Native(payload);
        Assert.False(fix.IsRefused, fix.Detail);
        Assert.Equal(verdict, fix.Verdict);
    }

    [Theory]
    [InlineData("0", 0.0)]
    [InlineData("359.9", 359.9)]
    [InlineData("360", 0.0)]
    [InlineData("-1", null)]
    [InlineData("361", null)]
    [InlineData("null", null)]
    public void Heading_is_a_direction_or_nothing(string json, double? expected) =>
        Assert.Equal(expected, Decoded.Native($$"""{"lat":1,"lon":2,"heading":{{json}}}""").HeadingDegrees);

    [Fact]
    public void Negative_quantities_are_not_given()
    {
        var fix = Decoded.Native("""{"lat":1,"lon":2,"speed":-1,"accuracy":-1,"odometer":-5,"altitude":-430}""");
        Assert.Equal((null, null, null, -430), (fix.SpeedMetersPerSecond, fix.AccuracyMeters, fix.OdometerMeters, fix.AltitudeMeters));
    }

    [Fact]
    public void Byte_order_mark_is_skipped_and_not_hashed()
    {
        var plain = Decoded.Read(TopicFormat.Native, """{"lat":1,"lon":2}""");
        var marked = Decoded.Read(TopicFormat.Native, [0xEF, 0xBB, 0xBF, .. """{"lat":1,"lon":2}"""u8]);
        Assert.Equal(plain[0].Digest, marked[0].Digest);
        Assert.Equal((3, 17), (marked[0].Offset, marked[0].Length));
    }

    [Fact]
    public void Invalid_utf8_is_refused() => Assert.Equal(Refusals.NotUtf8, Decoded.Read(TopicFormat.Native, [.. """{"lat":1,"lon":2,"x":" """u8, 0xC3, 0x28, .. "\"}"u8])[0].Reason);

    [Fact]
    public void Nesting_is_bounded()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 40)) + string.Concat(Enumerable.Repeat("]", 40));
        Assert.Equal(Refusals.TooDeep, Decoded.Native($$"""{"lat":1,"lon":2,"x":{{deep}}}""").Reason);
        Assert.Equal(Refusals.TooDeep, Decoded.Native($$$"""{"lat":1,"lon":2,"attributes":{"x":{{{deep}}}}}""").Reason);
    }

    [Fact]
    public void Attributes_are_bounded()
    {
        Assert.Null(Decoded.Native($$$"""{"lat":1,"lon":2,"attributes":{"x":"{{{new string('a', 8000)}}}"}}""").Reason);
        Assert.Equal(Refusals.AttributesTooLarge, Decoded.Native($$$"""{"lat":1,"lon":2,"attributes":{"x":"{{{new string('a', 8192)}}}"}}""").Reason);
    }

    [Fact]
    public void Array_is_bounded()
    {
        var one = """{"lat":1,"lon":2}""";
        Assert.Equal(1000, Decoded.Read(TopicFormat.Native, $"[{string.Join(',', Enumerable.Repeat(one, 1000))}]").Count);
        Assert.Equal(Refusals.TooManyElements, Decoded.Native($"[{string.Join(',', Enumerable.Repeat(one, 1001))}]").Reason);
    }

    [Fact]
    public void Broken_end_of_an_array_refuses_all_of_it()
    {
        var elements = Decoded.Read(TopicFormat.Native, """[{"lat":1,"lon":2},{"lat":3,"lon":""");
        Assert.Equal((1, Refusals.NotJson), (elements.Count, elements[0].Reason));
    }

    [Fact]
    public void Digest_is_frozen_and_covers_the_elements_own_bytes()
    {
        const string Payload = """{"lat":52.1,"lon":13.4}""";
        Assert.Equal(-2_564_029_374_208_909_308, Decoded.Native(Payload).Digest);

        var inArray = Decoded.Read(TopicFormat.Native, $" [ {Payload} ,{Payload}]");
        Assert.Equal((Decoded.Native(Payload).Digest, Decoded.Native(Payload).Digest), (inArray[0].Digest, inArray[1].Digest));
        Assert.NotEqual(Decoded.Native(Payload).Digest, Decoded.Native("""{"lat":52.1, "lon":13.4}""").Digest);
    }

    [Fact]
    public void What_is_written_is_read_back() =>
        Gen.Select(Gen.Double[-90, 90], Gen.Double[-180, 180], Gen.Double[0, 359.999], Gen.Long[946_684_800_000, 1_772_366_400_000])
            .Sample((latitude, longitude, heading, milliseconds) =>
            {
                var options = new FixOptions { Retention = TimeSpan.FromDays(36500) };
                var payload = string.Create(CultureInfo.InvariantCulture, $$"""{"time":{{milliseconds}},"lat":{{latitude:R}},"lon":{{longitude:R}},"heading":{{heading:R}}}""");
                var fix = Decoded.One(TopicFormat.Native, payload, options: options);
                Assert.Equal((latitude, longitude, heading, milliseconds), (fix.Latitude, fix.Longitude, fix.HeadingDegrees, fix.FixedAt.ToUnixTimeMilliseconds()));
            });

    [Fact]
    public void No_bytes_make_a_decoder_throw()
    {
        var formats = new[] { TopicFormat.Native, TopicFormat.OwnTracks, TopicFormat.Hfp, TopicFormat.Status };
        Gen.Select(Gen.Byte.Array[0, 200], Gen.Int[0, 3]).Sample((payload, format) => Decoded.Read(formats[format], payload));

        // Damaged payloads get further than noise does.
        var good = """[{"time":1772366398,"lat":1.5,"lon":2,"attributes":{"a":"\u00e4","b":[1,{"c":null}]}},{"_type":"location","lat":1,"lon":2,"tst":"1772366398"}]"""u8.ToArray();
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, 3]).Sample((at, value, format) =>
        {
            byte[] bad = [.. good];
            bad[at] = value;
            Decoded.Read(formats[format], bad);
        });
    }

    [Fact]
    public void Rfc3339_is_read_as_the_framework_writes_it() =>
        Gen.DateTime.Sample(time =>
        {
            var instant = new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Unspecified), TimeSpan.Zero);
            var text = instant.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
            Assert.True(FixTimes.TryParseRfc3339(Encoding.ASCII.GetBytes(text), out var parsed));
            Assert.Equal(instant, parsed);
        });
}
