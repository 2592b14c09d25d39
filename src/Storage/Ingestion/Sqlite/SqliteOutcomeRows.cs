using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using Microsoft.Data.Sqlite;

namespace FleetTracker.Storage;

/// <summary>A stored row and the outcome that it is.</summary>
internal static class SqliteOutcomeRows
{
    /// <summary>Columns after those of the outcome begin here.</summary>
    public const int Count = 15;

    private const string Columns =
        "o.id, v.vehicle_id, o.tenant, o.type, o.kind, o.subject, o.fixed_at, o.digest, o.ended_at, o.through_at, o.through_digest, o.state, o.revision, "
        + "o.evidence, o.recorded_at";

    /// <summary>In the order of the index that is named: the engine may not choose another, which would have to sort.</summary>
    public static string SelectBy(string index, string more = "") =>
        $"SELECT {Columns}{more} FROM outcomes o INDEXED BY {index} CROSS JOIN lane_vehicles v ON v.number = o.vehicle";

    public static Outcome Read(SqliteDataReader row) => new()
    {
        Id = new Guid(row.GetFieldValue<byte[]>(0), bigEndian: true),
        VehicleId = row.GetString(1),
        Tenant = row.GetString(2),
        Type = (OutcomeType)row.GetInt64(3),
        Kind = row.GetString(4),
        Subject = row.GetString(5),
        At = Key(row, 6),
        EndedAt = row.IsDBNull(8) ? null : Instants.FromUnixMicroseconds(row.GetInt64(8)),
        Through = Key(row, 9),
        State = (OutcomeState)row.GetInt64(11),
        Revision = row.GetInt32(12),
        Evidence = row.GetString(13),
        RecordedAt = Instants.FromUnixMicroseconds(row.GetInt64(14)),
    };

    private static PositionKey Key(SqliteDataReader row, int column) => new(Instants.FromUnixMicroseconds(row.GetInt64(column)), row.GetInt64(column + 1));
}
