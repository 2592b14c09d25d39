namespace FleetTracker.Simulation;

/// <summary>When each element of a recording is due, as time since the start of the replay.</summary>
internal static class ReplaySchedule
{
    /// <summary>
    /// Keeps the recorded distances and each vehicle's order: a row that goes back in time follows the one before it at once. A speed of
    /// 0 keeps the file's order and has everything due at the start.
    /// </summary>
    public static IEnumerable<(TimeSpan Due, TraceElement Element)> Of(IReadOnlyList<TraceElement> elements, double speed)
    {
        if (speed == 0 || elements.Count == 0) return elements.Select(element => (TimeSpan.Zero, element));

        var first = elements.Min(e => e.RecordedAt);
        var newest = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        return elements
            .Select(element => (Due: (Ordered(element, newest) - first) / speed, element))
            .OrderBy(entry => entry.Due)
            .ToList();
    }

    private static DateTimeOffset Ordered(TraceElement element, Dictionary<string, DateTimeOffset> newest)
    {
        var at = newest.TryGetValue(element.DeviceId, out var before) && before > element.RecordedAt ? before : element.RecordedAt;
        newest[element.DeviceId] = at;
        return at;
    }
}
