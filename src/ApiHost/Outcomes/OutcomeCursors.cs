using System.Globalization;
using FleetTracker.Ingestion;
using FleetTracker.Problems;

namespace FleetTracker.Outcomes;

/// <summary>Places in a list of outcomes. An ascending list does not take the cursor of a descending one: it would skip what lies between.</summary>
internal static class OutcomeCursors
{
    public static string Make(Outcome last, bool isDescending) => Cursors.Make(
        KindOf(isDescending), last.At.FixedAt.ToUnixMicroseconds().ToString(CultureInfo.InvariantCulture),
        last.At.Digest.ToString(CultureInfo.InvariantCulture), last.Id.ToString("N"));

    public static (PositionKey At, Guid Id)? Read(Parameters parameters, string? cursor, bool isDescending)
    {
        if (parameters.Cursor(cursor, KindOf(isDescending), 3) is not { } parts) return null;
        if (KeyCursors.TryRead(parts, out var at) && Guid.TryParseExact(parts[2], "N", out var id)) return (at, id);
        parameters.Refuse("cursor", $"is not one that this list gave out, was '{cursor}'");
        return null;
    }

    private static char KindOf(bool isDescending) => isDescending ? 'O' : 'o';
}
