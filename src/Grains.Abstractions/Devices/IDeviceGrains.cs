using System.Collections.Immutable;
using Orleans.Concurrency;

namespace FleetTracker.Devices;

/// <summary>One device's registration. Key: the device id, unique in the installation. All first contacts of a device meet here.</summary>
[Alias("IDeviceGrain")]
public interface IDeviceGrain : IGrainWithStringKey
{
    /// <summary>
    /// Registers the device with a vehicle of its own, unless it is registered; answered after it is stored. The record that comes back may
    /// belong to another tenant, which is the caller's to refuse.
    /// </summary>
    [Alias("Enroll")]
    ValueTask<DeviceRecord?> EnrollAsync(Enrollment enrollment);
}

/// <summary>A first contact.</summary>
/// <param name="Tenant">Whose device it becomes.</param>
/// <param name="Group">A vehicle group to put the new vehicle in, or <c>null</c>.</param>
/// <param name="By">The credential that let it in, for the audit: <c>enrollment-key</c>, <c>gateway:NAME</c>, <c>broker</c>.</param>
[GenerateSerializer, Immutable, Alias("Enrollment")]
public sealed record Enrollment([property: Id(0)] string Tenant, [property: Id(1)] string? Group, [property: Id(2)] string By);

/// <summary>Look-ups for bridges, on whichever silo is near. Stateless: the registry is the truth. Key: 0.</summary>
[Alias("IDeviceDirectoryGrain")]
public interface IDeviceDirectoryGrain : IGrainWithIntegerKey
{
    /// <summary>One answer per id, in order; <c>null</c> for an id that the registry does not know. Throws when the registry cannot be read.</summary>
    [ReadOnly, Alias("Find")]
    ValueTask<ImmutableArray<DeviceRecord?>> FindAsync(ImmutableArray<string> deviceIds);

    /// <summary>Checks MQTT credentials. Throws when they cannot be checked, which is not a refusal.</summary>
    [ReadOnly, Alias("Authenticate")]
    ValueTask<MqttAccess> AuthenticateAsync(string userName, string password);

    /// <summary>Stores what devices said of their connection (topic <c>status</c>, last wills).</summary>
    [Alias("ReportStatuses")]
    ValueTask ReportStatusesAsync(ImmutableArray<DeviceStatus> statuses);
}

/// <summary>A device's own word on its connection.</summary>
[GenerateSerializer, Immutable, Alias("DeviceStatus")]
public sealed record DeviceStatus([property: Id(0)] string Tenant, [property: Id(1)] string DeviceId, [property: Id(2)] bool Online, [property: Id(3)] DateTimeOffset At);

/// <summary>How a client proved itself.</summary>
public enum MqttAccessKind : byte
{
    /// <summary>Refused; <see cref="MqttAccess.Refusal"/> says why.</summary>
    None = 0,

    /// <summary>A tenant's enrollment key: speaks for the device that it names, which may be new.</summary>
    EnrollmentKey = 1,

    /// <summary>The device's own password.</summary>
    Device = 2,

    /// <summary>A gateway: speaks for every device of its tenant, under its topic filters.</summary>
    Gateway = 3,
}

/// <summary>What an MQTT client may do.</summary>
[GenerateSerializer, Immutable, Alias("MqttAccess")]
public sealed record MqttAccess
{
    [Id(0)] public required MqttAccessKind Kind { get; init; }

    [Id(1)] public string Tenant { get; init; } = "";

    /// <summary>MQTT topic filters a gateway may publish under; empty for all.</summary>
    [Id(2)] public ImmutableArray<string> TopicFilters { get; init; } = [];

    /// <summary>Vehicle group for what it registers, or <c>null</c>.</summary>
    [Id(3)] public string? Group { get; init; }

    /// <summary>May unknown devices be registered with their first fix?</summary>
    [Id(4)] public bool MayEnroll { get; init; }

    /// <summary>A stable word for the counter, for example <c>wrong_key</c>; <c>null</c> when granted.</summary>
    [Id(5)] public string? Refusal { get; init; }
}
