using System.Collections.Immutable;
using FleetTracker.Devices;
using Microsoft.Extensions.Options;

namespace FleetTracker.Ingestion;

/// <summary>What a bridge sends to a lane, without the wire's own fields.</summary>
public sealed record OutgoingBatch(Guid Id, int Lane, ImmutableArray<Fix> Fixes, ImmutableArray<QuarantinedMessage> Quarantine);

/// <summary>The way to the lanes. Reports come back through <see cref="IngestPipeline.Committed"/>.</summary>
public interface ILanePublisher
{
    /// <summary>Hands the batch on. A failure is not the end of it: a batch that is not reported is published again.</summary>
    Task PublishAsync(OutgoingBatch batch, CancellationToken cancellationToken);
}

/// <summary>The registry as a bridge needs it. Every method throws when the registry cannot be asked; that never refuses anybody.</summary>
public interface IDeviceDirectory
{
    /// <summary>One answer per id, in order; <c>null</c> for a device that the registry does not know.</summary>
    Task<ImmutableArray<DeviceRecord?>> FindAsync(ImmutableArray<string> deviceIds, CancellationToken cancellationToken);

    /// <summary>The registration, which may be another tenant's; <c>null</c> when the credential that brought it is gone.</summary>
    Task<DeviceRecord?> EnrollAsync(string deviceId, Enrollment enrollment, CancellationToken cancellationToken);

    Task<MqttAccess> AuthenticateAsync(string userName, string password, CancellationToken cancellationToken);

    Task ReportStatusesAsync(ImmutableArray<DeviceStatus> statuses, CancellationToken cancellationToken);
}

/// <summary>The configured count, for a host that registers nothing else.</summary>
internal sealed class ConfiguredLaneCount(IOptions<IngestionOptions> options) : ILaneCount
{
    public int Count => options.Value.Lanes;
}
