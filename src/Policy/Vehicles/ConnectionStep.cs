using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

/// <summary>
/// Whether the vehicle is heard of. Follows reception and not fix times, so a backlog that arrives late does not undo that it was offline.
/// </summary>
internal static class ConnectionStep
{
    public static void Take(in FoldStep step, in Reading reading)
    {
        ref var connection = ref step.State.Connection;
        var received = reading.Fix.ReceivedAt;
        if (connection.LastReceivedAt == default)
        {
            connection.LastReceivedAt = received;
            return;
        }

        var gap = received - connection.LastReceivedAt;
        if (gap <= TimeSpan.Zero) return;
        if (gap >= OfflineAfter(connection, step.Options)) Return(step, reading);
        connection.Interval = connection.Interval == TimeSpan.Zero ? gap : (connection.Interval * 0.75) + (gap * 0.25);
        connection.LastReceivedAt = received;
    }

    public static DateTimeOffset OfflineAt(in ConnectionState connection, VehicleOptions options) => connection.LastReceivedAt + OfflineAfter(connection, options);

    /// <summary>A vehicle that is not heard of now, until it is: nothing that later rows must remember.</summary>
    public static void TellOffline(in FoldStep step, DateTimeOffset now)
    {
        if (step.State.HasRows && OfflineAt(step.State.Connection, step.Options) <= now) step.Drafts?.Add(Offline(step, null, default));
    }

    private static void Return(in FoldStep step, Reading reading)
    {
        step.Trace?.Add(reading.Key.FixedAt, "connection", $"heard of again after {(reading.Fix.ReceivedAt - step.State.Connection.LastReceivedAt).TotalSeconds:0} s");
        if (step.Drafts is not { } drafts) return;
        // From and to when it was heard of: the fixes of a backlog are from in between.
        drafts.Add(Offline(step, reading.Fix.ReceivedAt, reading.Key));
        var silence = reading.Fix.ReceivedAt - step.State.Connection.LastReceivedAt;
        drafts.Add(new OutcomeDraft(OutcomeType.Event, "online", "", reading.Key)
        {
            EndedAt = reading.Key.FixedAt,
            Through = reading.Key,
            State = OutcomeState.Closed,
            Evidence = Evidence.Of(json =>
            {
                json.WriteString("receivedAt", reading.Fix.ReceivedAt.UtcDateTime);
                json.Seconds("silence", silence);
            }),
        });
    }

    private static OutcomeDraft Offline(in FoldStep step, DateTimeOffset? endedAt, PositionKey through)
    {
        var (connection, options, last) = (step.State.Connection, step.Options, step.State.Last);
        return new OutcomeDraft(OutcomeType.Event, "offline", "", step.State.Head)
        {
            EndedAt = endedAt,
            Through = through,
            State = endedAt is null ? OutcomeState.Open : OutcomeState.Closed,
            Evidence = Evidence.Of(json =>
            {
                json.WriteString("lastReceivedAt", connection.LastReceivedAt.UtcDateTime);
                json.WriteStartObject("thresholds");
                json.Seconds("offlineAfter", OfflineAfter(connection, options));
                json.WriteEndObject();
                json.Fixes(last);
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
