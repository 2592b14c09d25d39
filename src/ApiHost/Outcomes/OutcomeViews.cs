using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FleetTracker.Outcomes;

/// <summary>WGS-84 degrees.</summary>
public sealed record PlaceView(double Lat, double Lon);

/// <summary>What a vehicle's fixes amount to, as of its newest revision.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(EventView), "event")]
[JsonDerivedType(typeof(TripView), "trip")]
[JsonDerivedType(typeof(StopView), "stop")]
[JsonDerivedType(typeof(VisitView), "visit")]
[JsonDerivedType(typeof(ExcludedView), "excluded")]
public abstract record OutcomeView
{
    internal static OutcomeView Of(Outcome outcome) => outcome.Type switch
    {
        OutcomeType.Event => EventView.Of(outcome),
        OutcomeType.Trip => TripView.Of(outcome),
        OutcomeType.Stop => StopView.Of(outcome),
        OutcomeType.Visit => VisitView.Of(outcome),
        OutcomeType.Excluded => ExcludedView.Of(outcome),
        _ => throw new UnreachableException(),
    };

    internal static string WordOf(OutcomeState state) => state switch
    {
        OutcomeState.Open => "open",
        OutcomeState.Closed => "closed",
        OutcomeState.Withdrawn => "withdrawn",
        _ => throw new UnreachableException(),
    };

    internal static string WordOf(OutcomeType type) => type switch
    {
        OutcomeType.Event => "event",
        OutcomeType.Trip => "trip",
        OutcomeType.Stop => "stop",
        OutcomeType.Visit => "visit",
        OutcomeType.Excluded => "excluded",
        _ => throw new UnreachableException(),
    };
}

/// <summary>Something that happened to a vehicle.</summary>
/// <param name="Kind">A stable word such as <c>geofence.enter</c>, <c>trip.start</c> or <c>overspeed</c>.</param>
/// <param name="Subject">What it is about besides the vehicle, a geofence's id for example; empty when there is nothing.</param>
/// <param name="At">Time of the fix at which it happened or began.</param>
/// <param name="RecordedAt">Our clock when it was first written.</param>
/// <param name="Revision">1 at first; later fixes that change it raise it.</param>
/// <param name="State"><c>open</c>, <c>closed</c> or <c>withdrawn</c>.</param>
/// <param name="Evidence">Positions, thresholds and why.</param>
public sealed record EventView(
    Guid Id, string VehicleId, string Kind, string Subject, DateTimeOffset At, DateTimeOffset RecordedAt, int Revision, string State, JsonElement? Evidence)
    : OutcomeView
{
    internal static new EventView Of(Outcome outcome) => new(
        outcome.Id, outcome.VehicleId, outcome.Kind, outcome.Subject, outcome.At.FixedAt, outcome.RecordedAt, outcome.Revision, WordOf(outcome.State),
        Outcomes.Evidence.Of(outcome).Json);
}

/// <summary>A journey between two stops. Meters, seconds, meters per second; <c>null</c> = not known.</summary>
/// <param name="EndedAt"><c>null</c> while it goes on.</param>
public sealed record TripView(
    Guid Id, string VehicleId, string State, int Revision, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, PlaceView? Start, PlaceView? End,
    double? Distance, double? Duration, double? MaxSpeed, double? AverageSpeed, double? IdleTime, JsonElement? Evidence)
    : OutcomeView
{
    internal static new TripView Of(Outcome outcome)
    {
        var evidence = Outcomes.Evidence.Of(outcome);
        return new TripView(
            outcome.Id, outcome.VehicleId, WordOf(outcome.State), outcome.Revision, outcome.At.FixedAt, outcome.EndedAt, evidence.Place("start"),
            evidence.Place("end"), evidence.Number("distance"), evidence.Number("duration"), evidence.Number("maxSpeed"),
            evidence.Number("averageSpeed"), evidence.Number("idleTime"), evidence.Json);
    }
}

/// <summary>A stay between two trips. Degrees and seconds; <c>null</c> = not known.</summary>
/// <param name="EndedAt"><c>null</c> while it goes on.</param>
public sealed record StopView(
    Guid Id, string VehicleId, string State, int Revision, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, double? Lat, double? Lon,
    double? Duration, double? IdleTime, JsonElement? Evidence)
    : OutcomeView
{
    internal static new StopView Of(Outcome outcome)
    {
        var evidence = Outcomes.Evidence.Of(outcome);
        return new StopView(
            outcome.Id, outcome.VehicleId, WordOf(outcome.State), outcome.Revision, outcome.At.FixedAt, outcome.EndedAt, evidence.Number("lat"),
            evidence.Number("lon"), evidence.Number("duration"), evidence.Number("idleTime"), evidence.Json);
    }
}

/// <summary>Time spent in a geofence.</summary>
/// <param name="EndedAt"><c>null</c> while it goes on.</param>
/// <param name="Duration">Seconds; <c>null</c> = not known.</param>
public sealed record VisitView(
    Guid Id, string VehicleId, string State, int Revision, string GeofenceId, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, double? Duration,
    JsonElement? Evidence)
    : OutcomeView
{
    internal static new VisitView Of(Outcome outcome)
    {
        var evidence = Outcomes.Evidence.Of(outcome);
        return new VisitView(
            outcome.Id, outcome.VehicleId, WordOf(outcome.State), outcome.Revision, outcome.Subject, outcome.At.FixedAt, outcome.EndedAt,
            evidence.Number("duration"), evidence.Json);
    }
}

/// <summary>A stored position that is implausible beside its neighbors and left out of everything else.</summary>
/// <param name="At">Its fix time.</param>
public sealed record ExcludedView(
    Guid Id, string VehicleId, string State, int Revision, DateTimeOffset At, DateTimeOffset RecordedAt, JsonElement? Evidence)
    : OutcomeView
{
    internal static new ExcludedView Of(Outcome outcome) => new(
        outcome.Id, outcome.VehicleId, WordOf(outcome.State), outcome.Revision, outcome.At.FixedAt, outcome.RecordedAt,
        Outcomes.Evidence.Of(outcome).Json);
}
