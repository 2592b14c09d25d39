using FleetTracker.Ingestion;
using Npgsql;
using NpgsqlTypes;

namespace FleetTracker.Storage;

/// <summary>
/// Ranges of the indexes of outcomes as one statement: each is read in order and no further than the limit, and the first of all are kept. Takes the
/// parameters $1 to $11; those of the filter follow.
/// </summary>
internal static class OutcomeScanSql
{
    /// <summary>The first parameter of the filter.</summary>
    public const int FirstFree = 12;

    /// <param name="ofVehicles">The list is of the vehicles in $11; else it is of the tenant.</param>
    /// <param name="filter">Further conditions on <c>o</c>, each beginning with AND.</param>
    public static string Text(bool ofVehicles, string filter, bool descending)
    {
        var direction = descending ? "DESC" : "ASC";
        return $"""
            SELECT {PostgreSqlOutcomeRows.Columns} FROM ({Part("s.reach IS NULL", "")} UNION ALL
              {Part("s.reach IS NOT NULL", "AND o.reach = s.reach AND o.reach > 0")}) AS o
            ORDER BY o.fixed_at {direction}, o.digest {direction}, o.id {direction} LIMIT $1
            """;

        string Part(string scans, string reach) =>
            $"""
            SELECT o.* FROM unnest($3, $4, $5, $6, $7, $8, $9, $10)
              AS s(type, reach, after_at, after_digest, after_id, before_at, before_digest, before_id)
              {(ofVehicles ? "CROSS JOIN unnest($11) AS v(vehicle_id)" : "")}
              CROSS JOIN LATERAL (
                SELECT * FROM outcomes o
                WHERE o.tenant = $2 {(ofVehicles ? "AND o.vehicle_id = v.vehicle_id" : "")} AND o.type = s.type {reach}
                  AND (o.fixed_at, o.digest, o.id) > (s.after_at, s.after_digest, s.after_id)
                  AND (o.fixed_at, o.digest, o.id) < (s.before_at, s.before_digest, s.before_id)
                  {filter}
                ORDER BY o.fixed_at {direction}, o.digest {direction}, o.id {direction} LIMIT $1) AS o
            WHERE {scans}
            """;
    }

    public static NpgsqlCommand WithScans(
        this NpgsqlCommand command, string tenant, IEnumerable<string> vehicleIds, IReadOnlyCollection<OutcomeScan> scans, int limit) => command
        .With(limit)
        .With(tenant)
        .WithArray(scans.Select(scan => (short)scan.Type), NpgsqlDbType.Smallint)
        .WithArray(scans.Select(scan => (short?)scan.Reach), NpgsqlDbType.Smallint)
        .WithArray(scans.Select(scan => Time(scan.After)), NpgsqlDbType.TimestampTz)
        .WithArray(scans.Select(scan => scan.After.Digest), NpgsqlDbType.Bigint)
        .WithArray(scans.Select(scan => scan.After.Id), NpgsqlDbType.Uuid)
        .WithArray(scans.Select(scan => Time(scan.Before)), NpgsqlDbType.TimestampTz)
        .WithArray(scans.Select(scan => scan.Before.Digest), NpgsqlDbType.Bigint)
        .WithArray(scans.Select(scan => scan.Before.Id), NpgsqlDbType.Uuid)
        .WithArray(vehicleIds, NpgsqlDbType.Text);

    private static DateTime Time(OutcomePlace place) => Instants.FromUnixMicroseconds(place.FixedAt).UtcDateTime;
}
