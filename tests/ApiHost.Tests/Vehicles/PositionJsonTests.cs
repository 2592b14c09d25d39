using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using FleetTracker.Ingestion;
using FleetTracker.Problems;

namespace FleetTracker.Vehicles.Tests;

/// <summary>The writer of history without a view, held against the view.</summary>
public sealed class PositionJsonTests
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web) { Converters = { new Rfc3339JsonConverter() } };

    private static readonly Gen<double?> Number = Gen.OneOf(Gen.Const((double?)null), Gen.Double[-1e6, 1e6].Select(n => (double?)n), Gen.Double.Where(double.IsFinite).Select(n => (double?)n));

    private static readonly Gen<string?> Rest = Gen.OneOf(new[]
    {
        null, "{}", "[]", "7", "null", """{"battery":87,"ignition":false,"odometer":7,"x":null}""", """ { "a" : [ 1, 2.50, 1e5, {"b":[]} ], "c":{} , "ignition":{"deep":1}} """,
        """{"text":"Überfall <b> 🚨 \u0041 \n \"quoted\" \/","na\u006de":"x","Ω":"+'&"}""", """{"odo\u006deter":3,"igni\u0074ion":true,"last":[true,false,null]}""",
        """{"":"","emoji\ud83d\udea8":"\ud83d\udea8"}""",
    }.Select(text => Gen.Const(text)).ToArray());

    private static readonly Gen<Fix> AnyFix =
        from at in Gen.Long[0, 4_000_000_000_000_000]
        from verdict in Gen.Int[0, 3]
        from numbers in Number.Array[7]
        from ignition in Gen.OneOf(Gen.Const((bool?)null), Gen.Bool.Select(b => (bool?)b))
        from rest in Rest
        from vehicle in Gen.OneOf(Gen.Const("v1"), Gen.Const("v-2_Ü<"))
        select new Fix
        {
            Tenant = "t", VehicleId = vehicle, DeviceId = "d", FixedAt = Instants.FromUnixMicroseconds(at), ReceivedAt = Instants.FromUnixMicroseconds(at + 1_234_500),
            Digest = 1, Verdict = (FixVerdict)verdict, Latitude = numbers[0], Longitude = numbers[1], AltitudeMeters = numbers[2], SpeedMetersPerSecond = numbers[3],
            HeadingDegrees = numbers[4], AccuracyMeters = numbers[5], OdometerMeters = numbers[6], Ignition = ignition, Attributes = rest,
        };

    [Fact]
    public void It_writes_byte_for_byte_what_the_view_looks_like() =>
        AnyFix.Array[1, 5].Sample(fixes =>
        {
            var buffer = new ArrayBufferWriter<byte>();
            using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
            var json = new PositionJson();
            writer.WriteStartArray();
            foreach (var fix in fixes) json.Write(writer, fix);
            writer.WriteEndArray();
            writer.Flush();
            Assert.Equal(JsonSerializer.Serialize(fixes.Select(PositionView.Of), Web), Encoding.UTF8.GetString(buffer.WrittenSpan));
        });
}
