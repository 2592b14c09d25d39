using FleetTracker.Problems;
using MessagePack;
using MessagePack.Formatters;
using MessagePack.Resolvers;

namespace FleetTracker.LiveMap;

/// <summary>MessagePack with the same names and the same times as JSON.</summary>
internal static class LiveMessagePack
{
    public static MessagePackSerializerOptions Options { get; } = MessagePackSerializerOptions.Standard
        .WithResolver(CompositeResolver.Create(new TimesAsText(), StandardResolver.Instance))
        .WithSecurity(MessagePackSecurity.UntrustedData);

    // Asked before the standard resolver, which has an answer of its own for both types.
    private sealed class TimesAsText : IFormatterResolver
    {
        private readonly Rfc3339Formatter _instant = new();
        private readonly NullableFormatter<DateTimeOffset> _optional = new();

        public IMessagePackFormatter<T>? GetFormatter<T>() =>
            typeof(T) == typeof(DateTimeOffset) ? (IMessagePackFormatter<T>)(object)_instant
            : typeof(T) == typeof(DateTimeOffset?) ? (IMessagePackFormatter<T>)(object)_optional
            : null;
    }

    private sealed class Rfc3339Formatter : IMessagePackFormatter<DateTimeOffset>
    {
        public void Serialize(ref MessagePackWriter writer, DateTimeOffset value, MessagePackSerializerOptions options) =>
            writer.Write(Rfc3339.Write(value));

        public DateTimeOffset Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options) =>
            reader.ReadString() is { } text && Rfc3339.TryParse(text, out var instant)
                ? instant
                : throw new MessagePackSerializationException("not an RFC 3339 time with its offset");
    }
}
