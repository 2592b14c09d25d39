using System.Collections.Immutable;
using FleetTracker.LiveMap;
using FleetTracker.Storage;

namespace FleetTracker.Vehicles;

/// <summary>A vehicle as the registry and the live fleet know it.</summary>
/// <param name="DeviceId">The device in it now, or <c>null</c>.</param>
/// <param name="Status"><c>unknown</c>, <c>moving</c>, <c>idling</c>, <c>stopped</c> or <c>offline</c>.</param>
/// <param name="Position">The newest one, or <c>null</c> when it never reported.</param>
/// <param name="DeviceOnline">What the device last said of its connection; <c>null</c> when it never did.</param>
public sealed record VehicleView(
    string Id,
    string Name,
    string? DeviceId,
    ImmutableArray<string> Groups,
    string Status,
    PositionView? Position,
    bool? DeviceOnline,
    DateTimeOffset? DeviceStatusAt)
{
    internal static VehicleView Of(RegisteredVehicle vehicle, VehicleNow now) => new(
        vehicle.Id, vehicle.Name, vehicle.DeviceId, vehicle.Groups, now.Status.Word(),
        now.Live is null ? null : PositionView.Of(now.Live), vehicle.DeviceOnline, vehicle.DeviceStatusAt);
}

/// <summary>One page of a list.</summary>
/// <param name="Next">Give this as <c>cursor</c> for the next page; <c>null</c> = this is the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
