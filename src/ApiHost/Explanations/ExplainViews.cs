using FleetTracker.Outcomes;
using FleetTracker.Vehicles;

namespace FleetTracker.Explanations;

/// <summary>Why something did or did not happen to a vehicle around a time.</summary>
/// <param name="Answer">One sentence for a person. Times in it are UTC.</param>
/// <param name="Window">The time that the rest is about.</param>
/// <param name="State">The vehicle at the time in question; <c>null</c> = no fix from before it is stored.</param>
/// <param name="Geofence">The fence that was asked for, as it was then; <c>null</c> = none, or there was none yet.</param>
/// <param name="Fixes">The nearest ones, ascending.</param>
/// <param name="Outcomes">What is stored of the window: events, trips, stops and visits; of fences only of the one that was asked for.</param>
/// <param name="Trace">What was decided and why, in the order of the rows.</param>
/// <param name="Notes">What to know before relying on this.</param>
public sealed record ExplanationView(
    string VehicleId,
    DateTimeOffset At,
    string Answer,
    ExplainedWindowView Window,
    ExplainedStateView? State,
    ExplainedFenceView? Geofence,
    IReadOnlyList<ExplainedFixView> Fixes,
    IReadOnlyList<OutcomeView> Outcomes,
    IReadOnlyList<TraceLineView> Trace,
    IReadOnlyList<string> Notes);

/// <param name="FoldedFrom">Fix time of the first row that was looked at; <c>null</c> = there was none.</param>
/// <param name="Rows">So many were looked at.</param>
public sealed record ExplainedWindowView(DateTimeOffset From, DateTimeOffset To, DateTimeOffset? FoldedFrom, int Rows);

/// <param name="Motion"><c>unknown</c>, <c>parked</c>, <c>departing</c> or <c>driving</c>.</param>
/// <param name="Since">When that began, by fix time.</param>
/// <param name="FixedAt">Time of the newest plausible fix.</param>
/// <param name="Geofences">Those that it was in, entering or leaving.</param>
public sealed record ExplainedStateView(
    string Motion, DateTimeOffset? Since, DateTimeOffset? FixedAt, double? Lat, double? Lon, double? Accuracy, double? Speed, bool? Ignition,
    IReadOnlyList<ExplainedVisitView> Geofences);

/// <param name="Phase"><c>entering</c>, <c>inside</c> or <c>leaving</c>.</param>
/// <param name="EnteredAt">The first fix inside.</param>
/// <param name="OutsideSince">The first fix outside, while leaving.</param>
public sealed record ExplainedVisitView(string GeofenceId, string? Name, int Version, string Phase, DateTimeOffset EnteredAt, DateTimeOffset? OutsideSince);

/// <param name="Awake">Whether its schedule had it awake.</param>
/// <param name="ForVehicle">Whether it is for a group of this vehicle.</param>
/// <param name="Phase"><c>outside</c>, <c>entering</c>, <c>inside</c> or <c>leaving</c>.</param>
/// <param name="MetersOutside">From the place that counts to the nearest edge; 0 inside.</param>
/// <param name="MarginMeters">Up to this far outside a vehicle that is in it has not left.</param>
/// <param name="MinDwell">Seconds inside for an enter, and outside for an exit, to count.</param>
public sealed record ExplainedFenceView(
    string Id, string Name, int Version, DateTimeOffset ValidFrom, DateTimeOffset? ValidTo, bool Awake, bool? ForVehicle, string? Phase,
    double? MetersOutside, double? MarginMeters, double? MinDwell);

/// <param name="Excluded">Why the fold leaves it out: <c>inaccurate</c> or <c>jump</c>; <c>null</c> = it does not.</param>
public sealed record ExplainedFixView(PositionView Position, string? Excluded);

/// <param name="At">Fix time of the row, or of the deadline, at which it was decided.</param>
/// <param name="Step">Who decided, such as <c>geofences</c>.</param>
public sealed record TraceLineView(DateTimeOffset At, string Step, string Text, string? GeofenceId);
