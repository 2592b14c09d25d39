using FleetTracker.Health;
using FleetTracker.Ingestion;

namespace FleetTracker.Silo;

/// <summary>Ready once the silo is an active member of its cluster.</summary>
internal sealed class SiloReadiness(ILocalSiloDetails silo, IClusterMembershipService membership) : IReadinessCheck
{
    public string Name => "silo";

    public ValueTask<ReadinessResult> CheckAsync(CancellationToken cancellationToken)
    {
        var status = membership.CurrentSnapshot.Members.TryGetValue(silo.SiloAddress, out var member) ? member.Status : SiloStatus.None;
        return ValueTask.FromResult(status == SiloStatus.Active ? ReadinessResult.Ok() : ReadinessResult.Failed($"The silo is {status}, not an active member yet."));
    }
}

/// <summary>Ready while commits flow.</summary>
internal sealed class IngestReadiness(TelemetryHold hold) : IReadinessCheck
{
    public string Name => "ingest";

    public ValueTask<ReadinessResult> CheckAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(hold.Reason is { } reason ? ReadinessResult.Failed(reason) : ReadinessResult.Ok());
}
