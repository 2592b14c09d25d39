using FleetTracker.Geodesy;
using FleetTracker.Ingestion;

namespace FleetTracker.Storage;

/// <summary>Vehicles that were somewhere within a span of time, by id.</summary>
public sealed record AreaQuery
{
    public required string Tenant { get; init; }

    /// <summary>Edges included. With <see cref="Circle"/> a box around it.</summary>
    public required GeoBox Box { get; init; }

    /// <summary>Narrows the box to what is within a distance of a point.</summary>
    public AreaCircle? Circle { get; init; }

    /// <summary>Inclusive.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Exclusive.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>The vehicle id after which to go on; <c>null</c> = the beginning.</summary>
    public string? After { get; init; }

    /// <summary>At most this many vehicles.</summary>
    public required int Limit { get; init; }

    internal bool Contains(double latitude, double longitude) =>
        Box.Contains(latitude, longitude) && (Circle is not { } circle || circle.Contains(latitude, longitude));

    /// <summary>Whether everything in a box of the index is inside; false when that is not certain.</summary>
    internal bool ContainsAll(GeoBox box)
    {
        var isAcross = Box.West <= Box.East ? box.West >= Box.West && box.East <= Box.East : box.West >= Box.West || box.East <= Box.East;
        if (!isAcross || box.South < Box.South || box.North > Box.North) return false;

        // The farthest point of a box is one of its corners. A meter is for what curves between them.
        return Circle is not { } circle
            || new[] { (box.South, box.West), (box.South, box.East), (box.North, box.West), (box.North, box.East) }
                .All(corner => circle.MetersTo(corner.Item1, corner.Item2) <= circle.RadiusMeters - 1);
    }
}

/// <summary>Everything within a distance of a point.</summary>
public readonly record struct AreaCircle(double Latitude, double Longitude, double RadiusMeters)
{
    public double MetersTo(double latitude, double longitude) => LocalDistance.Meters(Latitude, Longitude, latitude, longitude);

    public bool Contains(double latitude, double longitude) => MetersTo(latitude, longitude) <= RadiusMeters;
}

/// <summary>When a vehicle was first and last in an area, as far as its fixes tell, and how many of them are there.</summary>
public readonly record struct AreaVisit(string VehicleId, DateTimeOffset FirstAt, DateTimeOffset LastAt, long Fixes);

/// <param name="Next">The vehicle id after which to go on: also a page without vehicles may have one. <c>null</c> = that was all.</param>
public sealed record AreaPage(IReadOnlyList<AreaVisit> Vehicles, string? Next);

/// <summary>Counts what is inside.</summary>
internal struct AreaTally
{
    public long Fixes { get; private set; }

    public long FirstAt { get; private set; }

    public long LastAt { get; private set; }

    public void Add(long fixedAt) => Add(fixedAt, fixedAt, 1);

    public void Add(long firstAt, long lastAt, long fixes)
    {
        FirstAt = Fixes == 0 ? firstAt : Math.Min(FirstAt, firstAt);
        LastAt = Fixes == 0 ? lastAt : Math.Max(LastAt, lastAt);
        Fixes += fixes;
    }

    public readonly AreaVisit Of(string vehicleId) =>
        new(vehicleId, Instants.FromUnixMicroseconds(FirstAt), Instants.FromUnixMicroseconds(LastAt), Fixes);
}
