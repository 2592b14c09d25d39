using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

/// <summary>
/// Whether the vehicle is heard of. Follows reception and not fix times, so a backlog that arrives late does not undo that it was offline, and a late row between
/// timely ones makes no silence of it.
/// </summary>
internal static class ConnectionStep
{
    /// <summary>Rows that may still tell that the vehicle was heard of have fix times before this long after the latest reception.</summary>
    private static readonly TimeSpan Undecided = TimeSpan.FromDays(1);

    public static void Take(in FoldStep step, in Reading reading)
    {
        ref var connection = ref step.State.Connection;
        var received = reading.Fix.ReceivedAt;
        if (connection.LastReceivedAt == default)
        {
            (connection.LastReceivedAt, connection.LastKey) = (received, reading.Key);
            (connection.HeardAt, connection.HeardKey) = (received, reading.Key);
            return;
        }

        if (connection.HeardKey == step.State.Head) connection.HeardPlace = step.State.Last;
        if (connection.IsAhead && received >= connection.LastReceivedAt) Hear(step, connection.LastReceivedAt, connection.LastKey, reading.Key);
        if (received == connection.HeardAt) connection.HeardKey = reading.Key;
        if (received <= connection.HeardAt) return;

        // One row that comes hours late is no silence when the rows after it were received in between.
        var mayBeSilence = received > connection.LastReceivedAt && received - connection.HeardAt >= OfflineAfter(connection, step.Options);
        if (!mayBeSilence) Hear(step, received, reading.Key, reading.Key);
        if (received > connection.LastReceivedAt) (connection.LastReceivedAt, connection.LastKey) = (received, reading.Key);
    }

    public static DateTimeOffset OfflineAt(in ConnectionState connection, VehicleOptions options) => connection.LastReceivedAt + OfflineAfter(connection, options);

    /// <summary>A vehicle that was not heard of, or is not now, as far as is known: nothing that later rows must remember.</summary>
    public static void TellOffline(in FoldStep step, DateTimeOffset now)
    {
        if (!step.State.HasRows) return;
        ref readonly var connection = ref step.State.Connection;
        var isAhead = connection.IsAhead && connection.LastReceivedAt - connection.HeardAt >= OfflineAfter(connection, step.Options);
        if (isAhead) Return(step, connection.LastReceivedAt, connection.LastKey, DeadlineKeys.At(connection.LastReceivedAt + Undecided));
        if (OfflineAt(connection, step.Options) > now) return;
        step.Drafts?.Add(isAhead ? Offline(step, connection.LastKey, connection.LastReceivedAt, step.State.Last, null, default) : Offline(step, connection.HeardKey, connection.HeardAt, PlaceHeard(step), null, default));
    }

    private static void Hear(in FoldStep step, DateTimeOffset received, PositionKey key, PositionKey through)
    {
        ref var connection = ref step.State.Connection;
        var gap = received - connection.HeardAt;
        if (gap >= OfflineAfter(connection, step.Options)) Return(step, received, key, through);
        connection.Interval = connection.Interval == TimeSpan.Zero ? gap : (connection.Interval * 0.75) + (gap * 0.25);
        (connection.HeardAt, connection.HeardKey) = (received, key);
        connection.HeardPlace = step.State.Last;
    }

    /// <param name="through">The row that decided it.</param>
    private static void Return(in FoldStep step, DateTimeOffset received, PositionKey key, PositionKey through)
    {
        var silence = received - step.State.Connection.HeardAt;
        step.Trace?.Add(key.FixedAt, "connection", $"heard of again after {silence.TotalSeconds:0} s");
        if (step.Drafts is not { } drafts) return;
        // From and to when it was heard of: the fixes of a backlog are from in between.
        drafts.Add(Offline(step, step.State.Connection.HeardKey, step.State.Connection.HeardAt, PlaceHeard(step), received, through));
        drafts.Add(new OutcomeDraft(OutcomeType.Event, "online", "", key)
        {
            EndedAt = key.FixedAt,
            Through = through,
            State = OutcomeState.Closed,
            Evidence = Evidence.Of(json =>
            {
                json.WriteString("receivedAt", received.UtcDateTime);
                json.Seconds("silence", silence);
            }),
        });
    }

    private static Place PlaceHeard(in FoldStep step) => step.State.Connection.HeardKey == step.State.Head ? step.State.Last : step.State.Connection.HeardPlace;

    private static OutcomeDraft Offline(in FoldStep step, PositionKey since, DateTimeOffset heardAt, Place place, DateTimeOffset? endedAt, PositionKey through)
    {
        var offlineAfter = OfflineAfter(step.State.Connection, step.Options);
        return new OutcomeDraft(OutcomeType.Event, "offline", "", since)
        {
            EndedAt = endedAt,
            Through = through,
            State = endedAt is null ? OutcomeState.Open : OutcomeState.Closed,
            Evidence = Evidence.Of(json =>
            {
                json.WriteString("lastReceivedAt", heardAt.UtcDateTime);
                json.WriteStartObject("thresholds");
                json.Seconds("offlineAfter", offlineAfter);
                json.WriteEndObject();
                json.Fixes(place);
            }),
        };
    }

    private static TimeSpan OfflineAfter(in ConnectionState connection, VehicleOptions options)
    {
        var own = connection.Interval * 3;
        if (own > options.MaxOfflineAfter) own = options.MaxOfflineAfter;
        return own > options.OfflineAfter ? own : options.OfflineAfter;
    }
}
