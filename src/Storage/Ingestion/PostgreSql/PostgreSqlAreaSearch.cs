using FleetTracker.Ingestion;
using Npgsql;
using NpgsqlTypes;

namespace FleetTracker.Storage;

/// <summary>One page of an area search: the tenant's vehicles in pages, and of each page the rows of the time asked for, by the primary key. See ADR 23.</summary>
internal static class PostgreSqlAreaSearch
{
    private const int VehiclesPerStatement = 100;

    /// <summary>Vehicles that one call looks at, so that it ends however large the fleet is.</summary>
    private const int VehiclesPerCall = 2_000;

    public static async Task<AreaPage> RunAsync(NpgsqlDataSource source, AreaQuery query, CancellationToken cancellationToken)
    {
        var visits = new List<AreaVisit>();
        var after = query.After ?? "";
        for (var looked = 0; looked < VehiclesPerCall; looked += VehiclesPerStatement)
        {
            var vehicles = await ReadVehiclesAsync(source, query.Tenant, after, cancellationToken);
            if (vehicles.Length > 0) await ReadRowsAsync(source, query, vehicles, visits, cancellationToken);
            if (visits.Count > query.Limit) visits.RemoveRange(query.Limit, visits.Count - query.Limit);
            if (visits.Count == query.Limit) return new AreaPage(visits, visits[^1].VehicleId);
            if (vehicles.Length < VehiclesPerStatement) return new AreaPage(visits, null);
            after = vehicles[^1];
        }

        return new AreaPage(visits, after);
    }

    private static async Task<string[]> ReadVehiclesAsync(NpgsqlDataSource source, string tenant, string after, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("SELECT vehicle_id FROM lane_vehicles WHERE tenant = $1 AND vehicle_id > $2 ORDER BY vehicle_id LIMIT $3")
            .With(tenant).With(after).With(VehiclesPerStatement);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var vehicles = new List<string>();
        while (await reader.ReadAsync(cancellationToken)) vehicles.Add(reader.GetString(0));
        return [.. vehicles];
    }

    private static async Task ReadRowsAsync(
        NpgsqlDataSource source, AreaQuery query, string[] vehicles, List<AreaVisit> visits, CancellationToken cancellationToken)
    {
        // What crosses or touches the antimeridian is left to the exact look.
        var isPlain = query.Box.West <= query.Box.East && query.Box.West > -180 && query.Box.East < 180;
        await using var command = source.CreateCommand(
            $"""
            SELECT p.vehicle_id, p.fixed_at, p.latitude, p.longitude FROM positions p
            WHERE p.vehicle_id = ANY ($1) AND p.tenant = $2 AND p.fixed_at >= $3 AND p.fixed_at < $4 AND p.verdict NOT IN (1, 2)
              AND p.latitude >= $5 AND p.latitude <= $6 AND {(isPlain ? "p.longitude >= $7 AND p.longitude <= $8" : "p.longitude IS NOT NULL")}
            """);
        command.CommandTimeout = 0;
        command.WithArray(vehicles, NpgsqlDbType.Text).With(query.Tenant).With(Instants.FromUnixMicroseconds(HistoryBounds.Ceiling(query.From)!.Value))
            .With(Instants.FromUnixMicroseconds(HistoryBounds.Ceiling(query.To)!.Value)).With(query.Box.South).With(query.Box.North);
        if (isPlain) command.With(query.Box.West).With(query.Box.East);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var tallies = new SortedDictionary<string, AreaTally>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (!query.Contains(reader.GetDouble(2), reader.GetDouble(3))) continue;
            var tally = tallies.GetValueOrDefault(reader.GetString(0));
            tally.Add(new DateTimeOffset(reader.GetDateTime(1)).ToUnixMicroseconds());
            tallies[reader.GetString(0)] = tally;
        }

        visits.AddRange(tallies.Select(tally => tally.Value.Of(tally.Key)));
    }
}
