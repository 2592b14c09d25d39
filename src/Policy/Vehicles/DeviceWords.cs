using System.Buffers;
using System.Text;
using System.Text.Json;
using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

/// <summary>What the policy listens to among a fix's attributes. Anything that is not what it should be is not there.</summary>
internal readonly record struct DeviceWords(double? BatteryPercent, string? Alarm)
{
    private const int MaxAlarmLength = Outcome.MaxSubjectLength;

    private const int MaxBytesOnStack = 1_024;

    /// <param name="alarmBefore">Given back when it is the same again: a device repeats its alarm with every fix.</param>
    public static DeviceWords Read(string attributes, string? alarmBefore = null)
    {
        // Nearly all fixes have neither: looking for the words is cheaper than reading JSON.
        var hasBattery = attributes.Contains("\"battery\"", StringComparison.Ordinal);
        var hasAlarm = attributes.Contains("\"alarm\"", StringComparison.Ordinal);
        if (!hasBattery && !hasAlarm) return default;

        var length = Encoding.UTF8.GetMaxByteCount(attributes.Length);
        var rented = length > MaxBytesOnStack ? ArrayPool<byte>.Shared.Rent(length) : null;
        Span<byte> bytes = rented ?? stackalloc byte[MaxBytesOnStack];
        var words = Read(bytes[..Encoding.UTF8.GetBytes(attributes, bytes)], alarmBefore);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return words;
    }

    private static DeviceWords Read(ReadOnlySpan<byte> attributes, string? alarmBefore)
    {
        double? battery = null;
        string? alarm = null;
        try
        {
            var reader = new Utf8JsonReader(attributes);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1) continue;
                var isBattery = reader.ValueTextEquals("battery"u8);
                var isAlarm = reader.ValueTextEquals("alarm"u8);
                if (!reader.Read()) break;
                if (isBattery && reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var percent) && percent is >= 0 and <= 100) battery = percent;
                else if (isAlarm && reader.TokenType == JsonTokenType.String) alarm = Word(reader, alarmBefore);
                else reader.TrySkip();
            }
        }
        catch (JsonException)
        {
            // Rows are written by decoders; one that is not JSON has nothing to say.
        }

        return new DeviceWords(battery, alarm);
    }

    private static string? Word(in Utf8JsonReader reader, string? before)
    {
        if (before is not null && reader.ValueTextEquals(before)) return before;
        var text = reader.GetString();
        return string.IsNullOrEmpty(text) ? null : text.Length <= MaxAlarmLength ? text : text[..(char.IsHighSurrogate(text[MaxAlarmLength - 1]) ? MaxAlarmLength - 1 : MaxAlarmLength)];
    }
}
