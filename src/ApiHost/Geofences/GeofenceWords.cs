using System.Diagnostics;

namespace FleetTracker.Geofences;

/// <summary>Words of the wire format.</summary>
internal static class GeofenceWords
{
    public static readonly (string Word, GeofenceShapeKind Value)[] Shapes =
        [("area", GeofenceShapeKind.Area), ("circle", GeofenceShapeKind.Circle), ("corridor", GeofenceShapeKind.Corridor)];

    public static readonly (string Word, DayOfWeek Value)[] Days =
    [
        ("monday", DayOfWeek.Monday), ("tuesday", DayOfWeek.Tuesday), ("wednesday", DayOfWeek.Wednesday), ("thursday", DayOfWeek.Thursday),
        ("friday", DayOfWeek.Friday), ("saturday", DayOfWeek.Saturday), ("sunday", DayOfWeek.Sunday),
    ];

    public static string Word(this GeofenceShapeKind kind) => WordOf(Shapes, kind);

    public static string Word(this DayOfWeek day) => WordOf(Days, day);

    private static string WordOf<T>((string Word, T Value)[] words, T value) =>
        Array.Find(words, word => EqualityComparer<T>.Default.Equals(word.Value, value)).Word ?? throw new UnreachableException();
}
