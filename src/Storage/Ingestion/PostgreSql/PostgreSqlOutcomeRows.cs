using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using Npgsql;

namespace FleetTracker.Storage;

/// <summary>A stored row and the outcome that it is.</summary>
internal static class PostgreSqlOutcomeRows
{
    public const string Columns =
        "o.id, o.vehicle_id, o.tenant, o.type, o.kind, o.subject, o.fixed_at, o.digest, o.ended_at, o.through_at, o.through_digest, o.state, o.revision, "
        + "o.evidence, o.recorded_at";

    /// <summary>Columns after those of the outcome begin here.</summary>
    public const int Count = 15;

    public static async Task<List<Outcome>> ReadAllAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var rows = await command.ExecuteReaderAsync(cancellationToken);
        var outcomes = new List<Outcome>();
        while (await rows.ReadAsync(cancellationToken)) outcomes.Add(Read(rows));
        return outcomes;
    }

    public static Outcome Read(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        VehicleId = row.GetString(1),
        Tenant = row.GetString(2),
        Type = (OutcomeType)row.GetInt16(3),
        Kind = row.GetString(4),
        Subject = row.GetString(5),
        At = Key(row, 6),
        EndedAt = Instant(row, 8),
        Through = Key(row, 9),
        State = (OutcomeState)row.GetInt16(11),
        Revision = row.GetInt32(12),
        Evidence = row.GetString(13),
        RecordedAt = new DateTimeOffset(row.GetDateTime(14)),
    };

    public static PositionKey Key(NpgsqlDataReader row, int column) => new(new DateTimeOffset(row.GetDateTime(column)), row.GetInt64(column + 1));

    public static DateTimeOffset? Instant(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : new DateTimeOffset(row.GetDateTime(column));
}
