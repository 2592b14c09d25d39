using Npgsql;
using NpgsqlTypes;

namespace FleetTracker.Storage;

/// <summary>What leaves the database besides whole days, in statements of bounded work, so that none holds its locks for long.</summary>
internal sealed class PostgreSqlDeletion(NpgsqlDataSource source)
{
    private const int VehiclesPerStatement = 500;
    private const int OutcomesPerStatement = 5_000;

    /// <summary>A vehicle's place in its lane goes last: a deletion that was interrupted finds it again.</summary>
    public async Task DeleteVehiclesAsync(string tenant, IEnumerable<string> vehicleIds, CancellationToken cancellationToken)
    {
        foreach (var ids in vehicleIds.Chunk(VehiclesPerStatement))
        {
            foreach (var sql in new[]
            {
                "DELETE FROM positions WHERE vehicle_id = ANY($2) AND tenant = $1",
                "DELETE FROM outcomes WHERE vehicle_id = ANY($2) AND tenant = $1",
                "DELETE FROM checkpoints k USING lane_vehicles v WHERE v.vehicle_id = ANY($2) AND v.tenant = $1 AND k.vehicle_id = v.vehicle_id",
                "DELETE FROM lane_vehicles WHERE vehicle_id = ANY($2) AND tenant = $1",
            })
            {
                await using var command = source.CreateCommand(sql).With(tenant).WithArray(ids, NpgsqlDbType.Text);
                command.CommandTimeout = 0;
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
        }
    }

    /// <summary>Outcomes that ended before <paramref name="outdated"/>, and all but the newest of a vehicle's checkpoints before <paramref name="settled"/>.</summary>
    public async Task DeleteBeforeAsync(DateTimeOffset outdated, DateTimeOffset settled, CancellationToken cancellationToken)
    {
        for (string? after = ""; after is not null;)
        {
            var vehicles = await ReadVehiclesAsync(after, cancellationToken);
            while (await DeleteOutcomesAsync(vehicles, outdated, cancellationToken) == OutcomesPerStatement)
            {
            }

            await ThinCheckpointsAsync(vehicles, settled, cancellationToken);
            after = vehicles.Count == VehiclesPerStatement ? vehicles[^1] : null;
        }
    }

    public async Task DeleteQuarantineAsync(DateTimeOffset outdated, int kept, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            DELETE FROM quarantine q WHERE q.received_at < $1 OR q.sequence IN (
              SELECT k.sequence FROM (SELECT sequence, row_number() OVER (PARTITION BY tenant ORDER BY sequence DESC) AS place FROM quarantine) AS k WHERE k.place > $2)
            """).With(outdated).With((long)kept);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task<List<string>> ReadVehiclesAsync(string after, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("SELECT vehicle_id FROM lane_vehicles WHERE vehicle_id > $1 ORDER BY vehicle_id LIMIT $2")
            .With(after).With(VehiclesPerStatement);
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var vehicles = new List<string>();
        while (await rows.ReadAsync(cancellationToken)) vehicles.Add(rows.GetString(0));
        return vehicles;
    }

    // What goes on stays however long ago it began, and what begins before and ends after is looked at and kept: of one vehicle there is little of that.
    private async Task<int> DeleteOutcomesAsync(List<string> vehicles, DateTimeOffset outdated, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            DELETE FROM outcomes WHERE id IN (
              SELECT o.id FROM unnest($1) AS v(vehicle_id) CROSS JOIN generate_series(0, 4) AS t(type) CROSS JOIN LATERAL (
                SELECT o.id FROM outcomes o
                WHERE o.vehicle_id = v.vehicle_id AND o.type = t.type::smallint AND o.fixed_at < $2 AND COALESCE(o.ended_at, o.fixed_at) < $2 AND o.state <> 0 LIMIT $3) AS o
              LIMIT $3)
            """).WithArray(vehicles, NpgsqlDbType.Text).With(outdated).With(OutcomesPerStatement);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Of the settled ones the newest stays: a row as late as that is still folded from there.</summary>
    private async Task ThinCheckpointsAsync(List<string> vehicles, DateTimeOffset settled, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            DELETE FROM checkpoints k WHERE k.vehicle_id = ANY ($1) AND k.fixed_at < $2 AND EXISTS (
              SELECT 1 FROM checkpoints n WHERE n.vehicle_id = k.vehicle_id AND n.fixed_at < $2 AND (n.fixed_at, n.digest) > (k.fixed_at, k.digest))
            """).WithArray(vehicles, NpgsqlDbType.Text).With(settled);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
