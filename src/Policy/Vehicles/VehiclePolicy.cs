using FleetTracker.Ingestion;
using FleetTracker.LiveMap;
using FleetTracker.Sensors;

namespace FleetTracker.Vehicles;

/// <summary>
/// Turns a vehicle's rows into what dispatchers act on. Pure: no clock, no I/O; the same rows in the order of their keys, with the same rules, give the
/// same state and the same outcomes, whatever happened in between.
/// </summary>
public static class VehiclePolicy
{
    /// <summary>Folds one row that follows all rows before it. Rows beyond the late window change nothing and must not come here.</summary>
    /// <param name="state">Changed in place.</param>
    /// <param name="drafts">Where outcomes go; <c>null</c> when only the state is wanted.</param>
    /// <param name="trace">Where the reasons go; <c>null</c> when nobody asks.</param>
    public static void Fold(VehicleState state, Fix row, TenantRules rules, OutcomeDrafts? drafts = null, FoldTrace? trace = null)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(rules);
        var step = StepOf(state, row.VehicleId, rules, drafts, trace);
        var reading = new Reading { Fix = row, Key = PositionKey.Of(row), SpeedMetersPerSecond = double.NaN };
        var told = drafts?.Count ?? 0;
        if (drafts is not null) drafts.ReceivedAt = row.ReceivedAt;
        try
        {
            Take(step, ref reading);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // One row that we cannot judge must not keep the vehicle from all that follow. What the steps before remember of it stays.
            reading.IsPlace = false;
            drafts?.CutTo(told);
            if (drafts is not null) drafts.Failure = error;
            PlausibilityStep.ExcludeFailed(step, reading, error);
        }

        state.Head = reading.Key;
        state.Connection.HeadReceivedAt = row.ReceivedAt;
        if (reading.IsPlace) state.Last = reading.Place;
    }

    /// <summary>All steps, in order.</summary>
    private static void Take(in FoldStep step, ref Reading reading)
    {
        Advance(step, reading.Key.FixedAt);
        ConnectionStep.Take(step, reading);
        PlausibilityStep.Take(step, ref reading);
        NoiseStep.Take(step, ref reading);
        DistanceStep.Take(step, ref reading);
        MotionStep.Take(step, ref reading);
        FenceStep.Take(step, reading);
        DrivingStep.Take(step, reading);
        SignalStep.Take(step, reading);
        SensorStep.Take(step, reading);
    }

    /// <summary>
    /// What is so at <paramref name="now"/> when nothing more has arrived: silence ends trips, and stays become long enough. Changes
    /// <paramref name="state"/>, so it is for a copy: rows that are on their way may have been fixed before now.
    /// </summary>
    public static void Elapse(VehicleState state, string vehicleId, DateTimeOffset now, TenantRules rules, OutcomeDrafts? drafts = null, FoldTrace? trace = null)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(rules);
        if (!state.HasRows) return;
        if (drafts is not null) drafts.ReceivedAt = state.Connection.HeadReceivedAt;
        var step = StepOf(state, vehicleId, rules, drafts, trace);
        if (IsSilent(state, now)) Advance(step, now);
        ConnectionStep.TellOffline(step, now);
    }

    /// <summary>
    /// What is so at a time before the next row, looking back: deadlines up to then are met. Unlike <see cref="Elapse"/> it does not ask whether more
    /// may come: the caller knows what came. Changes <paramref name="state"/>.
    /// </summary>
    public static void AdvanceTo(VehicleState state, string vehicleId, DateTimeOffset to, TenantRules rules, OutcomeDrafts? drafts = null, FoldTrace? trace = null)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(rules);
        if (state.HasRows) Advance(StepOf(state, vehicleId, rules, drafts, trace), to);
    }

    /// <summary>When <see cref="Elapse"/> would next say something, if nothing arrives; <c>null</c> = never.</summary>
    public static DateTimeOffset? DueAt(VehicleState state, string vehicleId, TenantRules rules, DateTimeOffset after)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(rules);
        if (!state.HasRows) return null;
        var options = rules.OptionsOf(vehicleId);
        var patience = SilentAt(state);
        DateTimeOffset? due = null;
        Consider(MotionStep.Deadline(state, options), patience);
        Consider(FenceStep.Deadline(state, rules.Fences, options), patience);
        Consider(DrivingStep.Deadline(state, options), patience);
        Consider(SensorStep.Deadline(state), patience);
        Consider(ConnectionStep.OfflineAt(state.Connection, options), DateTimeOffset.MinValue);
        return due;

        void Consider(DateTimeOffset? deadline, DateTimeOffset notBefore)
        {
            if (deadline is not { } at) return;
            if (at < notBefore) at = notBefore;
            if (at > after && (due is null || at < due)) due = at;
        }
    }

    /// <summary>Everything that is going on in this state, as it was written when it began.</summary>
    public static void WriteOpen(VehicleState state, string vehicleId, TenantRules rules, OutcomeDrafts drafts)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(rules);
        drafts.ReceivedAt = state.Connection.HeadReceivedAt;
        var step = StepOf(state, vehicleId, rules, drafts, null);
        MotionStep.WriteOpen(step);
        FenceStep.WriteOpen(step);
        DrivingStep.WriteOpen(step);
        SensorStep.WriteOpen(step);
    }

    /// <summary>What the vehicle's instruments would show at <paramref name="now"/> when nothing more arrived; <c>null</c> before the first row.</summary>
    public static VehicleCounters? CountersOf(VehicleState state, string vehicleId, DateTimeOffset now, TenantRules rules)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(rules);
        return state.HasRows ? CounterStep.Read(state, rules.ReadingsOf(vehicleId), now) : null;
    }

    /// <summary>What dispatchers see of a state that has a place; <c>null</c> before the first.</summary>
    public static LiveVehicle? ToLive(VehicleState state, string tenant, string vehicleId, VehicleOptions options)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(options);
        if (!state.Last.IsSet) return null;
        ref readonly var last = ref state.Last;
        // A vehicle that is parked does not drift with its receiver.
        var shown = state.Motion.Mode == MotionMode.Parked && PlausibilityStep.Between(state.Motion.Anchor, last) <= Math.Max(options.FenceMarginMeters, last.AccuracyMeters) ? state.Motion.Anchor : last;
        return new LiveVehicle
        {
            Tenant = tenant,
            VehicleId = vehicleId,
            Motion = Motion(state, options),
            FixedAt = last.At,
            ReceivedAt = state.Connection.LastReceivedAt,
            OfflineAt = ConnectionStep.OfflineAt(state.Connection, options),
            Latitude = shown.Latitude,
            Longitude = shown.Longitude,
            SpeedMetersPerSecond = Given(last.SpeedMetersPerSecond),
            HeadingDegrees = Given(last.HeadingDegrees),
            AccuracyMeters = last.AccuracyMeters > 0 ? last.AccuracyMeters : null,
        };
    }

    /// <summary>The same of a vehicle of which only one row is known, which must be accepted.</summary>
    public static LiveVehicle LiveOf(Fix row, VehicleOptions options)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(options);
        var speed = row.SpeedMetersPerSecond is >= 0 and var given && given <= options.MaxSpeedMetersPerSecond ? given : (double?)null;
        return new LiveVehicle
        {
            Tenant = row.Tenant,
            VehicleId = row.VehicleId,
            Motion = speed >= options.MovingSpeedMetersPerSecond ? MotionStatus.Moving
                : row.Ignition is { } ignition ? ignition ? MotionStatus.Idling : MotionStatus.Stopped
                : speed is null ? MotionStatus.Unknown : MotionStatus.Stopped,
            FixedAt = row.FixedAt,
            ReceivedAt = row.ReceivedAt,
            OfflineAt = row.ReceivedAt + options.OfflineAfter,
            Latitude = row.Latitude!.Value,
            Longitude = row.Longitude!.Value,
            SpeedMetersPerSecond = speed,
            HeadingDegrees = row.HeadingDegrees,
            AccuracyMeters = row.AccuracyMeters,
        };
    }

    private static double? Given(double value) => double.IsNaN(value) ? null : value;

    private static MotionStatus Motion(VehicleState state, VehicleOptions options)
    {
        var speed = state.Last.SpeedMetersPerSecond;
        if (speed >= options.MovingSpeedMetersPerSecond) return MotionStatus.Moving;
        var stands = !double.IsNaN(speed) || state.Motion.Mode == MotionMode.Parked;
        if (!stands && state.Motion.Mode is MotionMode.Departing or MotionMode.Driving) return MotionStatus.Moving;
        if (state.Signals.Ignition is { } ignition) return ignition ? MotionStatus.Idling : MotionStatus.Stopped;
        // A device that never says its speed is neither moving nor standing at its first fix.
        return double.IsNaN(speed) && state.Motion.StopStart.Key == state.Last.Key ? MotionStatus.Unknown : MotionStatus.Stopped;
    }

    private static FoldStep StepOf(VehicleState state, string vehicleId, TenantRules rules, OutcomeDrafts? drafts, FoldTrace? trace) =>
        new(state, rules, rules.OptionsOf(vehicleId), rules.GroupsOf(vehicleId), rules.Sensors.WatchedOf(vehicleId), drafts, trace);

    private static void Advance(in FoldStep step, DateTimeOffset to)
    {
        if (to <= step.State.AdvancedTo) return;
        MotionStep.Advance(step, to);
        FenceStep.Advance(step, to, default);
        DrivingStep.Advance(step, to);
        SensorStep.Advance(step, to);
        step.State.AdvancedTo = to;
    }

    /// <summary>
    /// A tracker that sends bundles, or over a slow link, is not silent between them: what it saw meanwhile is on its way, and saying something
    /// before would have to be taken back.
    /// </summary>
    private static bool IsSilent(VehicleState state, DateTimeOffset now) => SilentAt(state) <= now;

    /// <summary>By the newest row alone: older ones that come late tell nothing about whether more is to come.</summary>
    private static DateTimeOffset SilentAt(VehicleState state)
    {
        var patience = state.Connection.Interval * 2;
        return state.Connection.HeadReceivedAt + (patience < MaxPatience ? patience : MaxPatience);
    }

    private static readonly TimeSpan MaxPatience = TimeSpan.FromMinutes(10);
}
