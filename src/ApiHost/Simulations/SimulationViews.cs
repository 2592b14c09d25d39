using System.Text.Json;
using FleetTracker.Geofences;

namespace FleetTracker.Simulations;

/// <summary>What to run over history: a geofence that need not be saved, or the id of one that is, and whose history.</summary>
/// <param name="Geofence">As for <c>POST /geofences</c>; its name may be missing.</param>
/// <param name="GeofenceId">Instead of it: the current version of a saved one.</param>
/// <param name="VehicleIds">Whose history; or a group.</param>
/// <param name="From">Inclusive, fix time.</param>
/// <param name="To">Exclusive, fix time.</param>
public sealed record FenceSimulationRequest(
    NewGeofence? Geofence, string? GeofenceId, IReadOnlyList<string>? VehicleIds, string? Group, DateTimeOffset From, DateTimeOffset To);

/// <summary>What the geofence would have said.</summary>
/// <param name="Rows">Fixes that were looked at.</param>
/// <param name="Counts">Events by kind.</param>
/// <param name="Events">The first of them, by vehicle and time.</param>
/// <param name="Visits">The first of them.</param>
/// <param name="Seen">What is typical of these vehicles.</param>
/// <param name="Warnings">What the geofence will not do as it was drawn.</param>
/// <param name="Suggested">Thresholds that would have served; <c>null</c> = no vehicle was ever in it.</param>
/// <param name="Cut">What was asked for and is not covered.</param>
public sealed record FenceSimulationView(
    int Rows,
    IReadOnlyDictionary<string, int> Counts,
    int VisitCount,
    FlapsView Flaps,
    MissedPassesView MissedPasses,
    SuggestionView? Suggested,
    SeenView Seen,
    IReadOnlyList<GeofenceWarning> Warnings,
    IReadOnlyList<FenceVehicleView> Vehicles,
    IReadOnlyList<SimulatedEventView> Events,
    IReadOnlyList<SimulatedVisitView> Visits,
    IReadOnlyList<string> Cut);

/// <summary>Visits that were left, or repeated, within two minutes.</summary>
/// <param name="Count">With the dwell of the geofence.</param>
/// <param name="WithoutDwell">If every fix counted at once.</param>
public sealed record FlapsView(int Count, int WithoutDwell);

/// <summary>Vehicles that were there and did not enter.</summary>
/// <param name="Crossed">Ways that lead through without a fix inside.</param>
/// <param name="TooShort">Stays inside that were shorter than the dwell.</param>
/// <param name="Items">The first of them.</param>
public sealed record MissedPassesView(int Crossed, int TooShort, IReadOnlyList<MissedPassView> Items);

/// <param name="Kind"><c>crossed</c> or <c>too-short</c>.</param>
/// <param name="Seconds">How long it stayed; <c>null</c> = no fix was inside.</param>
public sealed record MissedPassView(string VehicleId, string Kind, DateTimeOffset At, double? Seconds);

/// <param name="MinDwell">Seconds.</param>
/// <param name="Flaps">So many would be left.</param>
/// <param name="LostVisits">Stays of more than five minutes that would not be told.</param>
/// <param name="Partial">Not all fixes near the geofence were tried.</param>
public sealed record SuggestionView(double MinDwell, double MarginMeters, int Flaps, int LostVisits, bool Partial);

/// <param name="AccuracyMeters">Of fixes that say so; <c>null</c> = none does.</param>
/// <param name="IntervalSeconds">Between fixes of a vehicle that moves.</param>
/// <param name="SpeedMetersPerSecond">Of vehicles that move near the geofence.</param>
public sealed record SeenView(double? AccuracyMeters, double? IntervalSeconds, double? SpeedMetersPerSecond);

/// <param name="Rows">Fixes that were looked at, some from before the time that was asked for.</param>
public sealed record FenceVehicleView(
    string VehicleId, int Rows, IReadOnlyDictionary<string, int> Counts, int Visits, int Flaps, int FlapsWithoutDwell, int TooShort);

public sealed record SimulatedEventView(string VehicleId, string Kind, DateTimeOffset At, JsonElement Evidence);

/// <param name="ExitedAt"><c>null</c> = it had not ended.</param>
/// <param name="Duration">Seconds.</param>
public sealed record SimulatedVisitView(string VehicleId, DateTimeOffset EnteredAt, DateTimeOffset? ExitedAt, double? Duration, string? EndReason);

/// <summary>What to run over history: other thresholds, and whose history.</summary>
/// <param name="Settings">As for <c>PUT /settings/policy</c>: all that your fleet would override.</param>
public sealed record PolicySimulationRequest(
    IReadOnlyDictionary<string, object?> Settings, IReadOnlyList<string>? VehicleIds, string? Group, DateTimeOffset From, DateTimeOffset To);

/// <summary>What other thresholds would have changed.</summary>
/// <param name="Rows">Fixes that were looked at.</param>
/// <param name="Counts">By type and kind: with the thresholds of now, and with the others.</param>
/// <param name="Vehicles">The same of every vehicle.</param>
/// <param name="Cut">What was asked for and is not covered.</param>
public sealed record PolicySimulationView(
    int Rows, IReadOnlyList<KindCountView> Counts, IReadOnlyList<PolicyVehicleView> Vehicles, IReadOnlyList<string> Cut);

/// <param name="Type"><c>event</c>, <c>trip</c>, <c>stop</c>, <c>visit</c> or <c>excluded</c>.</param>
public sealed record KindCountView(string Type, string Kind, int Before, int After);

public sealed record PolicyVehicleView(string VehicleId, IReadOnlyList<KindCountView> Counts);
