using System.Text;
using FleetTracker.Mqtt;

namespace FleetTracker.Ingestion;

/// <summary>Decodes text for a test.</summary>
internal static class Decoded
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static DecodedElements Read(TopicFormat format, string payload, DateTimeOffset? receivedAt = null, FixOptions? options = null) =>
        Read(format, Encoding.UTF8.GetBytes(payload), receivedAt, options);

    public static DecodedElements Read(TopicFormat format, byte[] payload, DateTimeOffset? receivedAt = null, FixOptions? options = null)
    {
        var elements = new DecodedElements();
        PayloadDecoder.Decode(format, payload, elements, new DecodingContext(receivedAt ?? Now, options ?? new FixOptions(), 1000));
        for (var i = 0; i < elements.Count; i++) Plausible.Check(elements[i]);
        return elements;
    }

    public static DecodedElement One(TopicFormat format, string payload, DateTimeOffset? receivedAt = null, FixOptions? options = null)
    {
        var elements = Read(format, payload, receivedAt, options);
        Assert.Equal(1, elements.Count);
        return elements[0];
    }

    public static DecodedElement Native(string payload) => One(TopicFormat.Native, payload);
}

/// <summary>What every decoded fix holds, whatever its format.</summary>
internal static class Plausible
{
    public static void Check(in DecodedElement element)
    {
        if (element.IsRefused)
        {
            Assert.NotNull(element.Detail);
            return;
        }

        Assert.Equal(TimeSpan.Zero, element.FixedAt.Offset);
        Assert.Equal(element.FixedAt, element.FixedAt.ToStored());
        Assert.Equal(element.Verdict == FixVerdict.NoPosition, element.Latitude is null);
        Assert.Equal(element.Latitude is null, element.Longitude is null);
        Assert.True(element.Latitude is null or (>= -90 and <= 90));
        Assert.True(element.Longitude is null or (>= -180 and <= 180));
        Assert.True(element.HeadingDegrees is null or (>= 0 and < 360));
        Assert.True(element.SpeedMetersPerSecond is null or >= 0);
        Assert.True(element.AccuracyMeters is null or >= 0);
        if (element.Attributes is null) return;

        using var attributes = System.Text.Json.JsonDocument.Parse(element.Attributes);
        Assert.Equal(System.Text.Json.JsonValueKind.Object, attributes.RootElement.ValueKind);
        Assert.True(Encoding.UTF8.GetByteCount(element.Attributes) <= AttributesBuilder.MaxBytes);
    }
}
