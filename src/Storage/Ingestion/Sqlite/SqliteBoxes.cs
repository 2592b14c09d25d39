namespace FleetTracker.Storage;

/// <summary>The index of area search: an R*Tree over latitude, longitude and time.</summary>
internal static class SqliteBoxes
{
    private const int PerTurn = 2_000;

    // 2020-01-01: the tree keeps single precision, which is the finer the smaller the number is, a quarter of a minute in the 2020s.
    private const long Epoch = 1_577_836_800_000_000;

    /// <summary>Time on the tree's axis: an hour counts like a degree, since a box is some minutes and some hundredths of a degree wide.</summary>
    public static double Hours(long fixedAt) => (fixedAt - Epoch) / 3_600_000_000d;

    /// <summary>A turn of deleting boxes of rows before an instant; true when none is left. Boxes on both sides stay, and what they count is no longer true.</summary>
    public static bool DeleteBefore(SqliteTelemetryWriter writer, long outdated)
    {
        var deleted = 0;
        writer.InTransaction(() =>
        {
            deleted = writer.Execute(
                "DELETE FROM position_boxes WHERE box IN (SELECT box FROM position_boxes WHERE max_time <= $hours + 1 AND last_at < $outdated LIMIT $most)",
                ("$hours", Hours(outdated)), ("$outdated", outdated), ("$most", PerTurn));
            if (deleted == PerTurn) return;
            writer.Execute(
                "UPDATE position_boxes SET rows = NULL WHERE min_time <= $hours + 1 AND max_time >= $hours - 1 AND first_at < $outdated AND last_at >= $outdated AND rows IS NOT NULL",
                ("$hours", Hours(outdated)), ("$outdated", outdated));
        });
        return deleted < PerTurn;
    }
}
