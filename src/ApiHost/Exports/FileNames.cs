using System.Globalization;

namespace FleetTracker.Exports;

/// <summary>Names of files that every system and every header takes as they are.</summary>
internal static class FileNames
{
    private const int MostCharacters = 100;

    /// <summary>Letters, digits, dots, dashes and underscores of ASCII, beginning with none of the marks; anything else becomes a dash.</summary>
    public static string Safe(string name)
    {
        var safe = string.Create(Math.Min(name.Length, MostCharacters), name, static (span, from) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = char.IsAsciiLetterOrDigit(from[i]) || from[i] is '-' or '_' or '.' ? from[i] : '-';
        }).TrimStart('-', '.', '_').TrimEnd('.');
        return safe.Length == 0 ? "export" : safe;
    }

    /// <summary><c>v1-trips-20260301T000000Z-20260302T000000Z</c>, without what was not asked for.</summary>
    public static string Of(string? vehicleId, string what, DateTimeOffset? from, DateTimeOffset? to) =>
        string.Join('-', new[] { vehicleId, what, Text(from), Text(to) }.Where(part => part is not null));

    private static string? Text(DateTimeOffset? instant) => instant?.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
}
