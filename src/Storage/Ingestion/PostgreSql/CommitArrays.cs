using System.Runtime.InteropServices;
using FleetTracker.Ingestion;
using Npgsql;
using NpgsqlTypes;

namespace FleetTracker.Storage;

/// <summary>The arguments of <c>fleet_commit</c>, column by column. The lists are reused from commit to commit.</summary>
internal sealed class CommitArrays
{
    public static readonly string Call =
        $"SELECT won, fresh FROM fleet_commit({string.Join(", ", Enumerable.Range(1, 32 + OutcomeArrays.Count).Select(i => FormattableString.Invariant($"${i}")))})";

    private readonly List<int> _lane = [];
    private readonly List<long> _number = [];
    private readonly List<int> _rowLane = [];
    private readonly List<string> _vehicle = [];
    private readonly List<string> _tenant = [];
    private readonly List<string> _device = [];
    private readonly List<DateTime> _fixedAt = [];
    private readonly List<DateTime> _receivedAt = [];
    private readonly List<long> _digest = [];
    private readonly List<short> _verdict = [];
    private readonly List<double?> _latitude = [];
    private readonly List<double?> _longitude = [];
    private readonly List<double?> _altitude = [];
    private readonly List<double?> _speed = [];
    private readonly List<double?> _heading = [];
    private readonly List<double?> _accuracy = [];
    private readonly List<bool?> _ignition = [];
    private readonly List<double?> _odometer = [];
    private readonly List<string?> _attributes = [];
    private readonly List<int> _newLane = [];
    private readonly List<string> _newVehicle = [];
    private readonly List<string> _newTenant = [];
    private readonly List<int> _quarantineLane = [];
    private readonly List<string> _quarantineTenant = [];
    private readonly List<string> _quarantineDevice = [];
    private readonly List<string> _topic = [];
    private readonly List<string> _reason = [];
    private readonly List<byte[]> _payload = [];
    private readonly List<bool> _truncated = [];
    private readonly List<DateTime> _quarantinedAt = [];
    private readonly List<string?> _detail = [];
    private readonly OutcomeArrays _outcomes = new();

    public HashSet<int> DayNumbers { get; } = [];

    public void Fill(IReadOnlyList<LaneCommit> lanes)
    {
        Clear();
        foreach (var lane in lanes)
        {
            _lane.Add(lane.Lane);
            _number.Add(lane.ExpectedNumber);
            _outcomes.Add(lane, rowsBefore: _rowLane.Count);
            foreach (var fix in lane.Rows) Add(lane.Lane, fix);
            foreach (var vehicle in lane.NewVehicles)
            {
                _newLane.Add(lane.Lane);
                _newVehicle.Add(vehicle.VehicleId);
                _newTenant.Add(vehicle.Tenant);
            }

            foreach (var message in lane.Quarantine) Add(lane.Lane, message);
        }
    }

    public void AddParameters(NpgsqlBatchCommand command, int quarantineMax)
    {
        void Add<T>(List<T> values, NpgsqlDbType type) => command.AddArray(values, type);

        Add(_lane, NpgsqlDbType.Integer);
        Add(_number, NpgsqlDbType.Bigint);
        Add(_rowLane, NpgsqlDbType.Integer);
        Add(_vehicle, NpgsqlDbType.Text);
        Add(_tenant, NpgsqlDbType.Text);
        Add(_device, NpgsqlDbType.Text);
        Add(_fixedAt, NpgsqlDbType.TimestampTz);
        Add(_receivedAt, NpgsqlDbType.TimestampTz);
        Add(_digest, NpgsqlDbType.Bigint);
        Add(_verdict, NpgsqlDbType.Smallint);
        Add(_latitude, NpgsqlDbType.Double);
        Add(_longitude, NpgsqlDbType.Double);
        Add(_altitude, NpgsqlDbType.Double);
        Add(_speed, NpgsqlDbType.Double);
        Add(_heading, NpgsqlDbType.Double);
        Add(_accuracy, NpgsqlDbType.Double);
        Add(_ignition, NpgsqlDbType.Boolean);
        Add(_odometer, NpgsqlDbType.Double);
        Add(_attributes, NpgsqlDbType.Text);
        Add(_newLane, NpgsqlDbType.Integer);
        Add(_newVehicle, NpgsqlDbType.Text);
        Add(_newTenant, NpgsqlDbType.Text);
        Add(_quarantineLane, NpgsqlDbType.Integer);
        Add(_quarantineTenant, NpgsqlDbType.Text);
        Add(_quarantineDevice, NpgsqlDbType.Text);
        Add(_topic, NpgsqlDbType.Text);
        Add(_reason, NpgsqlDbType.Text);
        Add(_payload, NpgsqlDbType.Bytea);
        Add(_truncated, NpgsqlDbType.Boolean);
        Add(_quarantinedAt, NpgsqlDbType.TimestampTz);
        Add(_detail, NpgsqlDbType.Text);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = quarantineMax });
        _outcomes.AddParameters(command);
    }

    private void Add(int lane, Fix fix)
    {
        FixContent.Check(fix);
        var fixedAt = fix.FixedAt.UtcDateTime;
        DayNumbers.Add((int)(fixedAt.Ticks / TimeSpan.TicksPerDay));
        _rowLane.Add(lane);
        _vehicle.Add(fix.VehicleId);
        _tenant.Add(fix.Tenant);
        _device.Add(fix.DeviceId);
        _fixedAt.Add(fixedAt);
        _receivedAt.Add(fix.ReceivedAt.UtcDateTime);
        _digest.Add(fix.Digest);
        _verdict.Add((short)fix.Verdict);
        _latitude.Add(fix.Latitude);
        _longitude.Add(fix.Longitude);
        _altitude.Add(fix.AltitudeMeters);
        _speed.Add(fix.SpeedMetersPerSecond);
        _heading.Add(fix.HeadingDegrees);
        _accuracy.Add(fix.AccuracyMeters);
        _ignition.Add(fix.Ignition);
        _odometer.Add(fix.OdometerMeters);
        _attributes.Add(fix.Attributes);
    }

    private void Add(int lane, QuarantinedMessage message)
    {
        _quarantineLane.Add(lane);
        _quarantineTenant.Add(FixContent.Mend(message.Tenant));
        _quarantineDevice.Add(FixContent.Mend(message.DeviceId));
        _topic.Add(FixContent.Mend(message.Topic));
        _reason.Add(FixContent.Mend(message.Reason));
        _payload.Add(ImmutableCollectionsMarshal.AsArray(message.Payload) ?? []);
        _truncated.Add(message.Truncated);
        _quarantinedAt.Add(message.ReceivedAt.UtcDateTime);
        _detail.Add(message.Detail is null ? null : FixContent.Mend(message.Detail));
    }

    private void Clear()
    {
        DayNumbers.Clear();
        _outcomes.Clear();
        foreach (var list in new System.Collections.IList[]
        {
            _lane, _number, _rowLane, _vehicle, _tenant, _device, _fixedAt, _receivedAt, _digest, _verdict, _latitude, _longitude, _altitude, _speed,
            _heading, _accuracy, _ignition, _odometer, _attributes, _newLane, _newVehicle, _newTenant, _quarantineLane, _quarantineTenant,
            _quarantineDevice, _topic, _reason, _payload, _truncated, _quarantinedAt, _detail,
        })
        {
            list.Clear();
        }
    }
}
