using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using SQLitePCL;

namespace FleetTracker.Storage;

/// <summary>The statements of a commit for what folds made: outcomes and checkpoints. Runs within the writer's transaction, in its turn.</summary>
internal sealed class SqliteOutcomeWriter(sqlite3 database) : IDisposable
{
    private readonly byte[] _id = new byte[16];

    private readonly SqliteStatement _writeOutcome = new(
        database,
        """
        INSERT INTO outcomes (id, vehicle, tenant, type, kind, subject, fixed_at, digest, ended_at, through_at, through_digest, state, reach, revision,
                              recorded_at, lane, number, ordinal, evidence)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
        ON CONFLICT (id) DO UPDATE SET
          vehicle = excluded.vehicle, tenant = excluded.tenant, type = excluded.type, kind = excluded.kind, subject = excluded.subject,
          fixed_at = excluded.fixed_at, digest = excluded.digest, ended_at = excluded.ended_at, through_at = excluded.through_at,
          through_digest = excluded.through_digest, state = excluded.state, reach = excluded.reach, revision = excluded.revision,
          recorded_at = excluded.recorded_at, lane = excluded.lane, number = excluded.number, ordinal = excluded.ordinal, evidence = excluded.evidence
        """);

    private readonly SqliteStatement _writeCheckpoint = new(
        database,
        """
        INSERT INTO checkpoints (vehicle, fixed_at, digest, due_at, state) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (vehicle, fixed_at, digest) DO UPDATE SET due_at = excluded.due_at, state = excluded.state
        """);

    private readonly SqliteStatement _thinDay = new(
        database, "DELETE FROM checkpoints WHERE vehicle = ?1 AND fixed_at >= ?4 AND (fixed_at, digest) < (?2, ?3)");

    private readonly SqliteStatement _deleteFrom = new(database, "DELETE FROM checkpoints WHERE vehicle = ?1 AND (fixed_at, digest) >= (?2, ?3)");

    /// <summary>Inserts the outcome, or puts it in the place of its older revision.</summary>
    public void Write(long vehicle, Outcome outcome, int lane, long number, int ordinal)
    {
        FixContent.Check(outcome);
        outcome.Id.TryWriteBytes(_id, bigEndian: true, out _);
        _writeOutcome
            .BindBlob(1, _id)
            .Bind(2, vehicle)
            .Bind(3, outcome.Tenant)
            .Bind(4, (long)outcome.Type)
            .Bind(5, outcome.Kind)
            .Bind(6, outcome.Subject)
            .Bind(7, outcome.At.FixedAt.ToUnixMicroseconds())
            .Bind(8, outcome.At.Digest)
            .Bind(9, outcome.EndedAt?.ToUnixMicroseconds())
            .Bind(10, outcome.Through.FixedAt.ToUnixMicroseconds())
            .Bind(11, outcome.Through.Digest)
            .Bind(12, (long)outcome.State)
            .Bind(13, (long)OutcomeReaches.Of(outcome))
            .Bind(14, (long)outcome.Revision)
            .Bind(15, outcome.RecordedAt.ToUnixMicroseconds())
            .Bind(16, (long)lane)
            .Bind(17, number)
            .Bind(18, (long)ordinal)
            .Bind(19, outcome.Evidence)
            .Run();
    }

    public void Write(long vehicle, Checkpoint checkpoint)
    {
        FixContent.Check(checkpoint);
        _writeCheckpoint
            .Bind(1, vehicle)
            .Bind(2, checkpoint.Head.FixedAt.ToUnixMicroseconds())
            .Bind(3, checkpoint.Head.Digest)
            .Bind(4, checkpoint.DueAt?.ToUnixMicroseconds())
            .BindBlob(5, checkpoint.State.Span)
            .Run();
    }

    /// <summary>Deletes the vehicle's checkpoints of the head's day (UTC) that are before it.</summary>
    public void ThinDay(long vehicle, PositionKey head)
    {
        var midnight = new DateTimeOffset(head.FixedAt.UtcDateTime.Date, TimeSpan.Zero);
        _thinDay.Bind(1, vehicle).Bind(2, head.FixedAt.ToUnixMicroseconds()).Bind(3, head.Digest).Bind(4, midnight.ToUnixMicroseconds()).Run();
    }

    /// <summary>Deletes the vehicle's checkpoints at or after a row that they do not know.</summary>
    public void DeleteCheckpointsFrom(RowKey row) => _deleteFrom.Bind(1, row.Vehicle).Bind(2, row.FixedAt).Bind(3, row.Digest).Run();

    public void Dispose()
    {
        _writeOutcome.Dispose();
        _writeCheckpoint.Dispose();
        _thinDay.Dispose();
        _deleteFrom.Dispose();
    }
}
