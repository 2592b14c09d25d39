using System.Runtime.InteropServices;
using FleetTracker.Outcomes;
using Npgsql;
using NpgsqlTypes;

namespace FleetTracker.Storage;

/// <summary>The last arguments of <c>fleet_commit</c>: outcomes and checkpoints, column by column, and the rows that may make checkpoints untrue.</summary>
internal sealed class OutcomeArrays
{
    /// <summary>Arguments that these are.</summary>
    public const int Count = 26;

    private readonly List<int> _lane = [];
    private readonly List<Guid> _id = [];
    private readonly List<string> _vehicle = [];
    private readonly List<string> _tenant = [];
    private readonly List<short> _type = [];
    private readonly List<string> _kind = [];
    private readonly List<string> _subject = [];
    private readonly List<DateTime> _fixedAt = [];
    private readonly List<long> _digest = [];
    private readonly List<DateTime?> _endedAt = [];
    private readonly List<DateTime> _throughAt = [];
    private readonly List<long> _throughDigest = [];
    private readonly List<short> _state = [];
    private readonly List<short> _reach = [];
    private readonly List<int> _revision = [];
    private readonly List<DateTime> _recordedAt = [];
    private readonly List<int> _ordinal = [];
    private readonly List<string> _evidence = [];
    private readonly List<int> _headLane = [];
    private readonly List<string> _headVehicle = [];
    private readonly List<string> _headTenant = [];
    private readonly List<DateTime> _headFixedAt = [];
    private readonly List<long> _headDigest = [];
    private readonly List<DateTime?> _dueAt = [];
    private readonly List<byte[]> _folded = [];
    private readonly List<int> _lateRow = [];

    /// <param name="lane">What the lane commits.</param>
    /// <param name="rowsBefore">Rows of the lanes before it: the function counts the rows of all lanes as one list, from 1.</param>
    public void Add(LaneCommit lane, int rowsBefore)
    {
        for (var i = 0; i < lane.Outcomes.Count; i++) Add(lane.Lane, i, lane.Outcomes[i]);
        for (var i = 0; i < lane.Checkpoints.Count; i++) Add(lane.Lane, lane.Checkpoints[i]);
        for (var i = 0; i < lane.LateRows.Count; i++) _lateRow.Add(rowsBefore + lane.LateRows[i] + 1);
    }

    public void AddParameters(NpgsqlBatchCommand command)
    {
        command.AddArray(_lane, NpgsqlDbType.Integer);
        command.AddArray(_id, NpgsqlDbType.Uuid);
        command.AddArray(_vehicle, NpgsqlDbType.Text);
        command.AddArray(_tenant, NpgsqlDbType.Text);
        command.AddArray(_type, NpgsqlDbType.Smallint);
        command.AddArray(_kind, NpgsqlDbType.Text);
        command.AddArray(_subject, NpgsqlDbType.Text);
        command.AddArray(_fixedAt, NpgsqlDbType.TimestampTz);
        command.AddArray(_digest, NpgsqlDbType.Bigint);
        command.AddArray(_endedAt, NpgsqlDbType.TimestampTz);
        command.AddArray(_throughAt, NpgsqlDbType.TimestampTz);
        command.AddArray(_throughDigest, NpgsqlDbType.Bigint);
        command.AddArray(_state, NpgsqlDbType.Smallint);
        command.AddArray(_reach, NpgsqlDbType.Smallint);
        command.AddArray(_revision, NpgsqlDbType.Integer);
        command.AddArray(_recordedAt, NpgsqlDbType.TimestampTz);
        command.AddArray(_ordinal, NpgsqlDbType.Integer);
        command.AddArray(_evidence, NpgsqlDbType.Text);
        command.AddArray(_headLane, NpgsqlDbType.Integer);
        command.AddArray(_headVehicle, NpgsqlDbType.Text);
        command.AddArray(_headTenant, NpgsqlDbType.Text);
        command.AddArray(_headFixedAt, NpgsqlDbType.TimestampTz);
        command.AddArray(_headDigest, NpgsqlDbType.Bigint);
        command.AddArray(_dueAt, NpgsqlDbType.TimestampTz);
        command.AddArray(_folded, NpgsqlDbType.Bytea);
        command.AddArray(_lateRow, NpgsqlDbType.Integer);
    }

    public void Clear()
    {
        foreach (var list in new System.Collections.IList[]
        {
            _lane, _id, _vehicle, _tenant, _type, _kind, _subject, _fixedAt, _digest, _endedAt, _throughAt, _throughDigest, _state, _reach, _revision,
            _recordedAt, _ordinal, _evidence, _headLane, _headVehicle, _headTenant, _headFixedAt, _headDigest, _dueAt, _folded, _lateRow,
        })
        {
            list.Clear();
        }
    }

    private void Add(int lane, int ordinal, Outcome outcome)
    {
        FixContent.Check(outcome);
        _lane.Add(lane);
        _id.Add(outcome.Id);
        _vehicle.Add(outcome.VehicleId);
        _tenant.Add(outcome.Tenant);
        _type.Add((short)outcome.Type);
        _kind.Add(outcome.Kind);
        _subject.Add(outcome.Subject);
        _fixedAt.Add(outcome.At.FixedAt.UtcDateTime);
        _digest.Add(outcome.At.Digest);
        _endedAt.Add(outcome.EndedAt?.UtcDateTime);
        _throughAt.Add(outcome.Through.FixedAt.UtcDateTime);
        _throughDigest.Add(outcome.Through.Digest);
        _state.Add((short)outcome.State);
        _reach.Add((short)OutcomeReaches.Of(outcome));
        _revision.Add(outcome.Revision);
        _recordedAt.Add(outcome.RecordedAt.UtcDateTime);
        _ordinal.Add(ordinal);
        _evidence.Add(outcome.Evidence);
    }

    private void Add(int lane, Checkpoint checkpoint)
    {
        FixContent.Check(checkpoint);
        _headLane.Add(lane);
        _headVehicle.Add(checkpoint.VehicleId);
        _headTenant.Add(checkpoint.Tenant);
        _headFixedAt.Add(checkpoint.Head.FixedAt.UtcDateTime);
        _headDigest.Add(checkpoint.Head.Digest);
        _dueAt.Add(checkpoint.DueAt?.UtcDateTime);
        _folded.Add(ArrayOf(checkpoint.State));
    }

    private static byte[] ArrayOf(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Array is { } array && array.Length == bytes.Length ? array : bytes.ToArray();
}
