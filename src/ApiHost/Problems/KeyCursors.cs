using System.Globalization;
using FleetTracker.Ingestion;

namespace FleetTracker.Problems;

/// <summary>Keys of rows as a cursor, or as the first two parts of one.</summary>
internal static class KeyCursors
{
    // The year 3871: later ones are no instants that a row can have, and far later ones no instants at all.
    private const long MostMicroseconds = 60_000_000_000_000_000;

    public static string Make(char kind, Fix last) => Cursors.Make(
        kind, last.FixedAt.ToUnixMicroseconds().ToString(CultureInfo.InvariantCulture), last.Digest.ToString(CultureInfo.InvariantCulture));

    public static PositionKey? Read(Parameters parameters, char kind, string? cursor)
    {
        if (parameters.Cursor(cursor, kind, 2) is not { } parts) return null;
        if (TryRead(parts, out var key)) return key;
        parameters.Refuse("cursor", $"is not one that this list gave out, was '{cursor}'");
        return null;
    }

    public static bool TryRead(ReadOnlySpan<string> parts, out PositionKey key)
    {
        key = default;
        if (!long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var fixedAt)
            || !long.TryParse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var digest)
            || fixedAt is <= -MostMicroseconds or >= MostMicroseconds)
        {
            return false;
        }

        key = new PositionKey(Instants.FromUnixMicroseconds(fixedAt), digest);
        return true;
    }
}
