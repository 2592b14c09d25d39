namespace FleetTracker.Simulation;

/// <summary>How the demo fleet is published.</summary>
public sealed record DemoFleetOptions
{
    public required MqttTarget Target { get; init; }

    /// <summary>Put before every device id. Default: <c>demo-</c>.</summary>
    public string DevicePrefix { get; init; } = "demo-";

    /// <summary>
    /// How much of the past is published first, as trackers that come out of a tunnel do, so that trips and replays are there at once. The same
    /// past is made of the same fixes, so publishing it again changes nothing. Default: none.
    /// </summary>
    public TimeSpan Backfill { get; init; }

    /// <summary>Fixes that could not be published for this long are dropped. Default: 10 minutes.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>
/// About eighty vehicles on the road for ever: recorded drives of buses in Austin and Helsinki, a tram and cars in Munich and Curitiba, with their
/// real relative timing, at the present time.
/// </summary>
public sealed class DemoFleet
{
    private readonly DemoFleetOptions _options;
    private readonly TimeProvider _clock;
    private readonly IReadOnlyList<DemoTrack> _tracks;
    private long _published;

    public DemoFleet(DemoFleetOptions options, TimeProvider clock)
        : this(options, clock, DemoTraces.Load(options?.DevicePrefix ?? throw new ArgumentNullException(nameof(options))))
    {
    }

    internal DemoFleet(DemoFleetOptions options, TimeProvider clock, IReadOnlyList<DemoTrack> tracks) =>
        (_options, _clock, _tracks) = (options, clock, tracks);

    /// <summary>The ids under which the vehicles report.</summary>
    public IReadOnlyList<string> DeviceIds => [.. _tracks.Select(track => track.DeviceId)];

    /// <summary>Fixes given to a connection so far.</summary>
    public long Published => Interlocked.Read(ref _published);

    /// <summary>
    /// Drives until canceled, through lost connections; returns then. Throws <see cref="MqttRefusedException"/> when the credentials are wrong.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var pool = new PublisherPool(_options.Target, $"demo-{Guid.NewGuid():n}"[..13], _clock);
            await DriveAsync(pool, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    /// <summary>All moments of all vehicles in the order of time, from an instant on.</summary>
    internal IEnumerable<(DateTimeOffset At, string DeviceId, DemoMoment Moment)> After(DateTimeOffset instant)
    {
        var moments = _tracks.Select(track => track.After(instant).GetEnumerator()).ToArray();
        // The vehicle's number is in the priority so that equal times have an order, always the same.
        var next = new PriorityQueue<int, (DateTimeOffset At, int Vehicle)>();
        for (var vehicle = 0; vehicle < moments.Length; vehicle++) Advance(vehicle);
        while (next.TryDequeue(out var vehicle, out var due))
        {
            yield return (due.At, _tracks[vehicle].DeviceId, moments[vehicle].Current.Moment);
            Advance(vehicle);
        }

        void Advance(int vehicle)
        {
            moments[vehicle].MoveNext();
            next.Enqueue(vehicle, (moments[vehicle].Current.At, vehicle));
        }
    }

    private async Task DriveAsync(PublisherPool pool, CancellationToken cancellationToken)
    {
        var started = _clock.GetUtcNow();
        foreach (var (at, deviceId, moment) in After(started - _options.Backfill))
        {
            var wait = at - _clock.GetUtcNow();
            if (wait > TimeSpan.Zero) await Task.Delay(wait, _clock, cancellationToken);
            // The past that was asked for is not late; what waited for a lost connection is.
            else if (at > started && -wait > _options.MaxDelay) continue;

            await pool.PublishAsync(Element(at, deviceId, moment), onAcknowledged: null, cancellationToken);
            Interlocked.Increment(ref _published);
        }
    }

    private static TraceElement Element(DateTimeOffset at, string deviceId, DemoMoment moment)
    {
        // Trackers count in milliseconds, and digits beyond would differ from run to run.
        var fixedAt = new DateTimeOffset(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
        return new TraceElement
        {
            DeviceId = deviceId,
            Topic = NativeJson.Topic(deviceId),
            Payload = NativeJson.Encode(fixedAt, moment.Latitude, moment.Longitude, moment.Speed, moment.Heading, accuracy: null),
            FixedAt = fixedAt,
            RecordedAt = fixedAt,
            Latitude = moment.Latitude,
            Longitude = moment.Longitude,
            SpeedMetersPerSecond = moment.Speed,
            HeadingDegrees = moment.Heading,
        };
    }
}
