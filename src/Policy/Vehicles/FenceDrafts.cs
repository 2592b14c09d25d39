using System.Text.Json;
using FleetTracker.Geofences;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

/// <summary>Visits and events of fences as they are written.</summary>
internal static class FenceDrafts
{
    public static OutcomeDraft Enter(in FenceVisit visit, PositionKey through)
    {
        var now = visit;
        return Moment("geofence.enter", now, now.Enter.Key, through, json =>
        {
            json.Fixes(now.Enter, now.LastInside.Key == now.Enter.Key ? default : now.LastInside);
            Thresholds(json, now);
        });
    }

    public static OutcomeDraft Exit(in FenceVisit visit, in Place exit, string reason, PositionKey through)
    {
        var (now, at) = (visit, exit);
        return Moment("geofence.exit", now, at.Key, through, json =>
        {
            json.WriteString("reason", reason);
            json.Seconds("inside", at.At - now.Enter.At);
            json.Fixes(now.LastInside.Key == at.Key ? default : now.LastInside, at);
            Thresholds(json, now);
        });
    }

    public static OutcomeDraft Dwell(in FenceVisit visit, PositionKey through)
    {
        var now = visit;
        return Moment("geofence.dwell", now, now.Enter.Key, through, json =>
        {
            json.Seconds("after", now.DwellEventAfter);
            json.Fixes(now.Enter);
            Thresholds(json, now);
        });
    }

    public static OutcomeDraft Cross(Fence fence, in Place from, in Place to, double inside, double margin, PositionKey through)
    {
        var (before, after) = (from, to);
        return new OutcomeDraft(OutcomeType.Event, "geofence.cross", fence.Definition.Id, through)
        {
            EndedAt = after.At,
            Through = through,
            State = OutcomeState.Closed,
            Evidence = Evidence.Of(json =>
            {
                json.WriteNumber("version", fence.Definition.Version);
                json.Number("inside", inside);
                json.Number("distance", PlausibilityStep.Between(before, after));
                json.Fixes(before, after);
                json.WriteStartObject("thresholds");
                json.Number("margin", margin);
                json.WriteEndObject();
            }),
        };
    }

    public static OutcomeDraft OpenVisit(in FenceVisit visit, PositionKey through)
    {
        var now = visit;
        return new OutcomeDraft(OutcomeType.Visit, "visit", now.FenceId, now.Enter.Key)
        {
            Through = through,
            State = OutcomeState.Open,
            Evidence = Evidence.Of(json =>
            {
                json.WriteNumber("version", now.Version);
                json.Point("enter", now.Enter);
                json.Fixes(now.Enter);
            }),
        };
    }

    public static OutcomeDraft Visit(in FenceVisit visit, in Place exit, string reason, PositionKey through)
    {
        var (now, at) = (visit, exit);
        return new OutcomeDraft(OutcomeType.Visit, "visit", now.FenceId, now.Enter.Key)
        {
            EndedAt = at.At,
            Through = through,
            State = OutcomeState.Closed,
            Evidence = Evidence.Of(json =>
            {
                json.WriteNumber("version", now.Version);
                json.Point("enter", now.Enter);
                json.Point("exit", at);
                json.Seconds("duration", at.At - now.Enter.At);
                json.WriteString("endReason", reason);
                json.Fixes(now.Enter, now.LastInside, at);
                Thresholds(json, now);
            }),
        };
    }

    private static OutcomeDraft Moment(string kind, in FenceVisit visit, PositionKey at, PositionKey through, Action<Utf8JsonWriter> members)
    {
        var version = visit.Version;
        return new OutcomeDraft(OutcomeType.Event, kind, visit.FenceId, at)
        {
            EndedAt = at.FixedAt,
            Through = through,
            State = OutcomeState.Closed,
            Evidence = Evidence.Of(json =>
            {
                json.WriteNumber("version", version);
                members(json);
            }),
        };
    }

    private static void Thresholds(Utf8JsonWriter json, in FenceVisit visit)
    {
        json.WriteStartObject("thresholds");
        json.Seconds("minDwell", visit.MinDwell);
        json.WriteEndObject();
    }
}
