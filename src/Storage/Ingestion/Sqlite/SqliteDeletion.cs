namespace FleetTracker.Storage;

/// <summary>What leaves the file: in turns of bounded work, between which commits get theirs. Each method says whether it is done.</summary>
internal static class SqliteDeletion
{
    /// <summary>Rows, and as many outcomes, that one turn deletes.</summary>
    private const int PerTurn = 2_000;

    /// <summary>True when nothing of the vehicle is left. The last rows and the vehicle go at once, or rows could come between.</summary>
    public static bool DeleteVehicle(SqliteTelemetryWriter writer, long vehicle)
    {
        var isGone = false;
        writer.InTransaction(() =>
        {
            while (writer.WriteKeys(int.MaxValue) > 0)
            {
            }

            if (DeleteRows(writer, vehicle, long.MaxValue) == PerTurn || DeleteOutcomes(writer, vehicle) == PerTurn) return;
            writer.Execute("DELETE FROM checkpoints WHERE vehicle = $vehicle", ("$vehicle", vehicle));
            writer.Execute("DELETE FROM lane_vehicles WHERE number = $vehicle", ("$vehicle", vehicle));
            isGone = true;
        });
        if (isGone) writer.Forget();
        return isGone;
    }

    /// <summary>
    /// True when the vehicle has no row before <paramref name="outdated"/>, no outcome that is over since before it, and one checkpoint at most before
    /// <paramref name="settled"/>, all in microseconds.
    /// </summary>
    public static bool DeleteBefore(SqliteTelemetryWriter writer, long vehicle, long outdated, long settled)
    {
        var isDone = false;
        writer.InTransaction(() =>
        {
            isDone = DeleteRows(writer, vehicle, outdated) < PerTurn && DeleteOutcomes(writer, vehicle, outdated) < PerTurn;
            if (isDone) ThinCheckpoints(writer, vehicle, settled);
        });
        return isDone;
    }

    private static int DeleteRows(SqliteTelemetryWriter writer, long vehicle, long before)
    {
        const string oldest = "FROM position_keys WHERE vehicle = $vehicle AND fixed_at < $before ORDER BY fixed_at, digest LIMIT $most";
        (string, object)[] parameters = [("$vehicle", vehicle), ("$before", before), ("$most", PerTurn)];
        writer.Execute($"DELETE FROM positions WHERE row IN (SELECT row {oldest})", parameters);
        return writer.Execute($"DELETE FROM position_keys WHERE vehicle = $vehicle AND (fixed_at, digest) IN (SELECT fixed_at, digest {oldest})", parameters);
    }

    // What goes on stays however long ago it began, and what begins before and ends after is looked at and kept: of one vehicle there is little of that.
    private static int DeleteOutcomes(SqliteTelemetryWriter writer, long vehicle, long before) => writer.Execute(
        """
        DELETE FROM outcomes WHERE row IN (
          SELECT row FROM outcomes INDEXED BY outcomes_of_vehicle
          WHERE vehicle = $vehicle AND type IN (0, 1, 2, 3, 4) AND fixed_at < $before AND COALESCE(ended_at, fixed_at) < $before AND state <> 0 LIMIT $most)
        """,
        ("$vehicle", vehicle), ("$before", before), ("$most", PerTurn));

    private static int DeleteOutcomes(SqliteTelemetryWriter writer, long vehicle) => writer.Execute(
        "DELETE FROM outcomes WHERE row IN (SELECT row FROM outcomes INDEXED BY outcomes_of_vehicle WHERE vehicle = $vehicle LIMIT $most)",
        ("$vehicle", vehicle), ("$most", PerTurn));

    /// <summary>Of the settled ones the newest stays: a row as late as that is still folded from there.</summary>
    private static void ThinCheckpoints(SqliteTelemetryWriter writer, long vehicle, long settled) => writer.Execute(
        """
        DELETE FROM checkpoints WHERE vehicle = $vehicle AND (fixed_at, digest) <
          (SELECT fixed_at, digest FROM checkpoints WHERE vehicle = $vehicle AND fixed_at < $settled ORDER BY fixed_at DESC, digest DESC LIMIT 1)
        """,
        ("$vehicle", vehicle), ("$settled", settled));
}
