using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Storage;

/// <summary>What neither engine keeps faithfully is refused before it is sent, so that both refuse the same.</summary>
internal static class FixContent
{
    public static void Check(Fix fix)
    {
        if (HasNul(fix.Attributes) || HasNul(fix.VehicleId) || HasNul(fix.DeviceId) || HasNul(fix.Tenant))
            throw Refused("a text contains the character U+0000");
        if (IsNaN(fix.Latitude) || IsNaN(fix.Longitude) || IsNaN(fix.AltitudeMeters) || IsNaN(fix.SpeedMetersPerSecond)
            || IsNaN(fix.HeadingDegrees) || IsNaN(fix.AccuracyMeters) || IsNaN(fix.OdometerMeters))
            throw Refused("a number is not a number");
    }

    public static void Check(Outcome outcome)
    {
        if (HasNul(outcome.Evidence) || HasNul(outcome.Subject) || HasNul(outcome.Kind) || HasNul(outcome.VehicleId) || HasNul(outcome.Tenant))
            throw Refused("a text contains the character U+0000");
    }

    public static void Check(Checkpoint checkpoint)
    {
        if (HasNul(checkpoint.VehicleId) || HasNul(checkpoint.Tenant)) throw Refused("a text contains the character U+0000");
    }

    /// <summary>Quarantine keeps what could not be kept otherwise, so its texts are mended instead.</summary>
    public static string Mend(string text)
    {
        var mended = text.Replace('\0', '\uFFFD');
        for (var i = 0; i < mended.Length; i++)
        {
            if (!char.IsSurrogate(mended[i])) continue;
            if (char.IsHighSurrogate(mended[i]) && i + 1 < mended.Length && char.IsLowSurrogate(mended[i + 1])) i++;
            else mended = string.Concat(mended.AsSpan(0, i), "\uFFFD", mended.AsSpan(i + 1));
        }

        return mended;
    }

    private static RefusedContentException Refused(string reason) => new(reason, new ArgumentException(reason));

    private static bool HasNul(string? text) => text is not null && text.Contains('\0', StringComparison.Ordinal);

    private static bool IsNaN(double? number) => number is { } value && double.IsNaN(value);
}
