using System.Text;
using System.Text.Json;

namespace FleetTracker.Vehicles;

/// <summary>What the policy listens to among a fix's attributes. Anything that is not what it should be is not there.</summary>
internal readonly record struct DeviceWords(double? BatteryPercent, string? Alarm)
{
    private const int MaxAlarmLength = 100;

    public static DeviceWords Read(string attributes)
    {
        // Nearly all fixes have neither: looking for the words is cheaper than reading JSON.
        var hasBattery = attributes.Contains("\"battery\"", StringComparison.Ordinal);
        var hasAlarm = attributes.Contains("\"alarm\"", StringComparison.Ordinal);
        if (!hasBattery && !hasAlarm) return default;

        double? battery = null;
        string? alarm = null;
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(attributes));
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1) continue;
                var isBattery = reader.ValueTextEquals("battery"u8);
                var isAlarm = reader.ValueTextEquals("alarm"u8);
                if (!reader.Read()) break;
                if (isBattery && reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var percent) && percent is >= 0 and <= 100) battery = percent;
                else if (isAlarm && reader.TokenType == JsonTokenType.String && reader.GetString() is { Length: > 0 } text) alarm = text.Length <= MaxAlarmLength ? text : text[..MaxAlarmLength];
                else reader.TrySkip();
            }
        }
        catch (JsonException)
        {
            // Rows are written by decoders; one that is not JSON has nothing to say.
        }

        return new DeviceWords(battery, alarm);
    }
}
