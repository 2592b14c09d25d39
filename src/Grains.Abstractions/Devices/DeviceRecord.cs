using System.Collections.Immutable;

namespace FleetTracker.Devices;

/// <summary>What a bridge needs to know of a device to turn its messages into fixes of a vehicle.</summary>
[GenerateSerializer, Immutable, Alias("DeviceRecord")]
public sealed record DeviceRecord
{
    [Id(0)] public required string DeviceId { get; init; }

    [Id(1)] public required string Tenant { get; init; }

    /// <summary>Sorted by <see cref="Pairing.From"/>; intervals do not overlap.</summary>
    [Id(2)] public required ImmutableArray<Pairing> Pairings { get; init; }

    /// <summary>The vehicle that carried the device at an instant, or <c>null</c>.</summary>
    public string? VehicleAt(DateTimeOffset fixedAt)
    {
        for (var i = Pairings.Length - 1; i >= 0; i--)
        {
            var pairing = Pairings[i];
            if ((pairing.From is null || pairing.From <= fixedAt) && (pairing.To is null || fixedAt < pairing.To)) return pairing.VehicleId;
        }

        return null;
    }
}

/// <summary>A device in a vehicle from <paramref name="From"/> (inclusive; <c>null</c> = always) to <paramref name="To"/> (exclusive; <c>null</c> = still).</summary>
[GenerateSerializer, Immutable, Alias("Pairing")]
public sealed record Pairing([property: Id(0)] string VehicleId, [property: Id(1)] DateTimeOffset? From, [property: Id(2)] DateTimeOffset? To);
