using System.Collections.Immutable;
using FleetTracker.Devices;
using FleetTracker.Mqtt;
using Microsoft.Extensions.Options;

namespace FleetTracker.Ingestion;

/// <summary>
/// The way of a message through the bridge: decoded on the caller's thread, resolved to a vehicle, put into its lane's next batch. The sink
/// hears of it once every element is durable or refused.
/// </summary>
public sealed class IngestPipeline : IDisposable
{
    [ThreadStatic]
    private static DecodedElements? t_elements;

    private readonly IngestionOptions _options;
    private readonly FixOptions _fixes;
    private readonly DeviceCache _devices;
    private readonly Enrollments _enrollments;
    private readonly StatusReporter _statuses;
    private readonly QuarantineLimiter _quarantine;
    private readonly IngestionMetrics _metrics;
    private readonly ILogger<IngestPipeline> _logger;
    private readonly LaneBatcher[] _lanes;
    private readonly WaitingRoom _waiting;
    private readonly CancellationTokenSource _stopping = new();

    internal IngestPipeline(
        ILaneCount lanes,
        ILanePublisher publisher,
        DeviceCache devices,
        Enrollments enrollments,
        StatusReporter statuses,
        QuarantineLimiter quarantine,
        IOptions<IngestionOptions> options,
        IOptions<FixOptions> fixes,
        IngestionMetrics metrics,
        TimeProvider time,
        ILogger<IngestPipeline> logger)
    {
        _options = options.Value;
        _fixes = fixes.Value;
        _devices = devices;
        _enrollments = enrollments;
        _statuses = statuses;
        _quarantine = quarantine;
        _metrics = metrics;
        _logger = logger;
        _waiting = new WaitingRoom(ResolveAsync);
        Window = new IngestWindow(_options.MaxUnacknowledged);
        metrics.Watch(Window);
        _lanes = new LaneBatcher[lanes.Count];
        for (var lane = 0; lane < _lanes.Length; lane++)
            _lanes[lane] = new LaneBatcher(lane, publisher, _options, metrics, time, logger, _stopping.Token);
        DeliveryLog.Started(logger, _lanes.Length);
    }

    internal IngestWindow Window { get; }

    /// <summary>Commits that a lane reported. Safe from any thread, and safe to hear twice.</summary>
    public void Committed(ImmutableArray<BatchReport> reports)
    {
        foreach (var report in reports)
        {
            if ((uint)report.Lane < (uint)_lanes.Length) _lanes[report.Lane].Reported(report);
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        foreach (var lane in _lanes) lane.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Takes one message. The payload is read before this returns and may be reused after.</summary>
    internal void Take(TopicRoute route, ReadOnlySpan<byte> payload, DateTimeOffset receivedAt, ClientAccess access, IDeliverySink sink, long token)
    {
        var elements = t_elements ??= new DecodedElements();
        if (route.Refusal is { } refusal)
            elements.RefuseAll(refusal, $"The topic is not this client's to publish: {refusal}.", payload.Length);
        else
            PayloadDecoder.Decode(route.Format, payload, elements, new DecodingContext(receivedAt, _fixes, _options.MaxArrayElements));

        if (elements.IgnoredType is { } type) _metrics.Ignored(type);

        var status = elements.Online is null ? 0 : 1;
        var message = new InboundMessage(sink, Window, token, Math.Max(1, elements.Count + status));
        try
        {
            message.Accept();
            if (elements.Count + status == 0) message.ElementDone(null);
            if (elements.Online is { } online) Observe(ReportStatusAsync(message, route, online, receivedAt, access), route);
            if (elements.Count > 0) Take(elements, message, route, payload, receivedAt, access);
        }
        catch
        {
            message.Abandon();
            throw;
        }
    }

    /// <summary>A QoS 0 message found the window full.</summary>
    internal void Dropped() => _metrics.Refused(Refusals.WindowFull);

    private void Take(DecodedElements elements, InboundMessage message, TopicRoute route, ReadOnlySpan<byte> payload, DateTimeOffset receivedAt, ClientAccess access)
    {
        var record = route.Refusal is null ? _devices.TryGet(route.DeviceId) : null;
        for (var i = 0; i < elements.Count; i++)
        {
            ref var element = ref elements[i];
            if (element.IsRefused)
            {
                Refuse(message, route, element.Reason!, element.Detail, payload.Slice(element.Offset, element.Length), receivedAt, access, record?.Tenant);
            }
            else if (record?.VehicleAt(element.FixedAt) is { } vehicle && IsFor(record, access) && !_waiting.HasQueue(route.DeviceId))
            {
                Enqueue(message, record, vehicle, element, receivedAt);
            }
            else
            {
                Observe(_waiting.JoinAsync(new WaitingFix(message, route, element, payload.Slice(element.Offset, element.Length).ToArray(), receivedAt, access)), route);
            }
        }
    }

    private void Enqueue(InboundMessage message, DeviceRecord record, string vehicle, in DecodedElement element, DateTimeOffset receivedAt)
    {
        var fix = new Fix
        {
            Tenant = record.Tenant,
            VehicleId = vehicle,
            DeviceId = record.DeviceId,
            FixedAt = element.FixedAt,
            ReceivedAt = receivedAt,
            Digest = element.Digest,
            Verdict = element.Verdict,
            Latitude = element.Latitude,
            Longitude = element.Longitude,
            AltitudeMeters = element.AltitudeMeters,
            SpeedMetersPerSecond = element.SpeedMetersPerSecond,
            HeadingDegrees = element.HeadingDegrees,
            AccuracyMeters = element.AccuracyMeters,
            Ignition = element.Ignition,
            OdometerMeters = element.OdometerMeters,
            Attributes = element.Attributes,
        };
        _lanes[Lanes.Of(vehicle, _lanes.Length)].Add(fix, message);
    }

    // Memory did not know the device, or what it knew would refuse the fix: a refusal rests on what the registry says now.
    private async Task ResolveAsync(WaitingFix fix)
    {
        var (message, route, element, raw, receivedAt, access) = fix;
        var record = await _devices.FindAsync(route.DeviceId, _options.UnknownDeviceLifetime);
        if (record is null && access.Access.MayEnroll) record = await _enrollments.EnrollAsync(route.DeviceId, access);

        if (record is null)
            Refuse(message, route, Refusals.UnknownDevice, "The registry does not know this device.", raw, receivedAt, access, null);
        else if (!IsFor(record, access))
            Refuse(message, route, Refusals.ForeignTenant, "The device is not this tenant's.", raw, receivedAt, access, null);
        else if (record.VehicleAt(element.FixedAt) is { } vehicle)
            Enqueue(message, record, vehicle, element, receivedAt);
        else
            Refuse(message, route, Refusals.NotPaired, "The device was in no vehicle at the time of the fix.", raw, receivedAt, access, record.Tenant);
    }

    private async Task ReportStatusAsync(InboundMessage message, TopicRoute route, bool online, DateTimeOffset receivedAt, ClientAccess access)
    {
        try
        {
            var record = _devices.TryGet(route.DeviceId) ?? await _devices.FindAsync(route.DeviceId, _options.UnknownDeviceLifetime);
            if (record is not null && IsFor(record, access))
            {
                _statuses.Add(new DeviceStatus(record.Tenant, record.DeviceId, online, receivedAt), message);
                return;
            }

            // A word about a device that nobody registered yet; its first fix will do that.
            if (record is not null) _metrics.Refused(Refusals.ForeignTenant);
            message.ElementDone(record is null ? null : Refusals.ForeignTenant);
        }
        catch
        {
            message.Abandon();
            throw;
        }
    }

    private static bool IsFor(DeviceRecord record, ClientAccess access) =>
        access.SpeaksForAnyTenant || string.Equals(record.Tenant, access.Tenant, StringComparison.Ordinal);

    private void Refuse(
        InboundMessage message, TopicRoute route, string reason, string? detail, ReadOnlySpan<byte> raw, DateTimeOffset receivedAt, ClientAccess access, string? tenant)
    {
        DeliveryLog.Refused(_logger, route.DeviceId, reason);
        if (!_quarantine.MayKeep(access.IsGateway ? route.DeviceId : access.UserName))
        {
            _metrics.QuarantineDropped();
            _metrics.Refused(reason);
            message.ElementDone(reason);
            return;
        }

        // Never the other tenant's: only the caller may see what it tried.
        var kept = Math.Min(raw.Length, _options.QuarantinePayloadBytes);
        var refused = new QuarantinedMessage
        {
            Tenant = access.SpeaksForAnyTenant ? tenant ?? access.Tenant : access.Tenant,
            DeviceId = route.DeviceId.Length <= DeviceIds.MaxLength ? route.DeviceId : route.DeviceId[..DeviceIds.MaxLength],
            Topic = route.Topic.Length <= 256 ? route.Topic : route.Topic[..256],
            Reason = reason,
            Payload = ImmutableArray.Create(raw[..kept]),
            Truncated = kept < raw.Length,
            ReceivedAt = receivedAt,
            Detail = detail,
        };
        _lanes[Lanes.Of(refused.DeviceId, _lanes.Length)].Add(refused, message);
    }

    // The task is awaited by nobody, so its failure is told here; the message stays unacknowledged and its sender sends it again.
    private void Observe(Task task, TopicRoute route)
    {
        if (task.IsCompletedSuccessfully) return;
        _ = task.ContinueWith(
            static (failed, state) =>
            {
                var (logger, deviceId) = ((ILogger, string))state!;
                if (failed.Exception?.GetBaseException() is { } problem and not OperationCanceledException) DeliveryLog.NotHandled(logger, deviceId, problem);
            },
            ((ILogger)_logger, route.DeviceId), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }
}
