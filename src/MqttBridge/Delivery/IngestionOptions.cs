using Microsoft.Extensions.Options;

namespace FleetTracker.Ingestion;

/// <summary>How a bridge gathers, sends and holds fixes.</summary>
public sealed class IngestionOptions
{
    public const string Section = "Ingestion";

    /// <summary>Lanes, when the host does not read the stored count (see <see cref="ILaneCount"/>). Default: 32.</summary>
    public int Lanes { get; set; } = 32;

    /// <summary>Fixes in one batch at most; a larger one costs less per fix and waits longer for its last row. At most 256. Default: 256.</summary>
    public int MaxBatchFixes { get; set; } = 256;

    /// <summary>How long fixes may gather while their lane has a free slot and one batch in flight. Default: 10 ms.</summary>
    public TimeSpan MaxLinger { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>After this a batch that was not reported is published again; each further time after twice as long. Default: 3 s.</summary>
    public TimeSpan RepublishAfter { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Where the doubling ends. Default: 30 s.</summary>
    public TimeSpan RepublishAtMost { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Unacknowledged fixes in the whole bridge; above it no connection is read on. It bounds memory in an outage. Default: 100,000.</summary>
    public int MaxUnacknowledged { get; set; } = 100_000;

    /// <summary>Fixes in one message at most; a longer array is refused as a whole. Default: 1,000.</summary>
    public int MaxArrayElements { get; set; } = 1000;

    /// <summary>
    /// How long a device's registration is used without asking again. A new pairing takes effect this much later, so it must not be longer
    /// than what the registry allows for. Refreshed in the background after half of it. Default: 30 s.
    /// </summary>
    public TimeSpan DeviceLifetime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long "no such device" is believed; every refusal rests on an answer younger than this. Default: 1 s.</summary>
    public TimeSpan UnknownDeviceLifetime { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Registrations kept in memory, about 400 bytes each. Default: 250,000.</summary>
    public int MaxCachedDevices { get; set; } = 250_000;

    /// <summary>First contacts registered at the same time. Default: 16.</summary>
    public int MaxConcurrentEnrollments { get; set; } = 16;

    /// <summary>Refused messages kept per device and minute; more are counted and dropped, so that one device cannot fill the quarantine. Default: 20.</summary>
    public int QuarantinePerDevicePerMinute { get; set; } = 20;

    /// <summary>Bytes of a refused payload that are kept. Default: 4,096.</summary>
    public int QuarantinePayloadBytes { get; set; } = 4096;
}

/// <summary>Reports every wrong bound at once.</summary>
public sealed class IngestionOptionsValidator : IValidateOptions<IngestionOptions>
{
    public ValidateOptionsResult Validate(string? name, IngestionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = new ValidateOptionsResultBuilder();
        Between(problems, options.Lanes, 1, 1024, nameof(options.Lanes));
        Between(problems, options.MaxBatchFixes, 1, 256, nameof(options.MaxBatchFixes));
        Between(problems, options.MaxUnacknowledged, 1, 10_000_000, nameof(options.MaxUnacknowledged));
        Between(problems, options.MaxArrayElements, 1, 100_000, nameof(options.MaxArrayElements));
        Between(problems, options.MaxCachedDevices, 100, 10_000_000, nameof(options.MaxCachedDevices));
        Between(problems, options.MaxConcurrentEnrollments, 1, 1000, nameof(options.MaxConcurrentEnrollments));
        Between(problems, options.QuarantinePerDevicePerMinute, 0, 100_000, nameof(options.QuarantinePerDevicePerMinute));
        Between(problems, options.QuarantinePayloadBytes, 0, 65_536, nameof(options.QuarantinePayloadBytes));
        Between(problems, options.MaxLinger, TimeSpan.Zero, TimeSpan.FromSeconds(1), nameof(options.MaxLinger));
        Between(problems, options.RepublishAfter, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1), nameof(options.RepublishAfter));
        Between(problems, options.RepublishAtMost, options.RepublishAfter, TimeSpan.FromMinutes(10), nameof(options.RepublishAtMost));
        Between(problems, options.DeviceLifetime, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), nameof(options.DeviceLifetime));
        Between(problems, options.UnknownDeviceLifetime, TimeSpan.Zero, options.DeviceLifetime, nameof(options.UnknownDeviceLifetime));
        return problems.Build();
    }

    private static void Between<T>(ValidateOptionsResultBuilder problems, T value, T least, T most, string name)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0) problems.AddError($"must be between {least} and {most}, was {value}", name);
    }
}
