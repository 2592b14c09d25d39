using System.Globalization;
using FleetTracker.Ingestion;
using FleetTracker.Outcomes;
using FleetTracker.Storage;

namespace FleetTracker.Tests.Outcomes;

/// <summary>A lane with a vehicle and a tenant of its own, and what it may commit. Every test takes one.</summary>
public sealed class OutcomeLane
{
    public static readonly DateTimeOffset Noon = DateTimeOffset.Parse("2026-03-01T12:00:00Z", CultureInfo.InvariantCulture);

    private static int _lanes;

    private readonly ITelemetryStore _store;

    private OutcomeLane(ITelemetryStore store, long number) => (_store, Number) = (store, number);

    public int Lane { get; private init; }

    /// <summary>The number that the next commit expects.</summary>
    public long Number { get; private set; }

    public string Tenant { get; init; } = "t-" + Guid.NewGuid().ToString("N");

    public string Vehicle { get; init; } = "v-" + Guid.NewGuid().ToString("N");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<OutcomeLane> StartAsync(ITelemetryStore store)
    {
        var lane = Interlocked.Increment(ref _lanes);
        return new OutcomeLane(store, await store.StartLaneAsync(lane, Cancellation)) { Lane = lane };
    }

    public static PositionKey Key(double minutes, long digest = 7) => new(Noon.AddMinutes(minutes).ToStored(), digest);

    /// <summary>Something that lasts from one minute after noon to another; without an end it is a moment, or open.</summary>
    public Outcome Outcome(double from, double? to = null, OutcomeState state = OutcomeState.Closed) => new()
    {
        Id = Guid.NewGuid(),
        Tenant = Tenant,
        VehicleId = Vehicle,
        Type = to is null && state != OutcomeState.Open ? OutcomeType.Event : OutcomeType.Trip,
        Kind = to is null && state != OutcomeState.Open ? "overspeed" : "trip",
        Subject = "",
        At = Key(from),
        EndedAt = to is { } end ? Key(end).FixedAt : null,
        Through = Key(to ?? from),
        State = state,
        Revision = 1,
        Evidence = "{}",
        RecordedAt = Noon,
    };

    public Outcome OpenSince(double from) => Outcome(from, null, OutcomeState.Open);

    public Checkpoint Checkpoint(double head, long digest = 7) => new()
    {
        Tenant = Tenant, VehicleId = Vehicle, Head = Key(head, digest), State = new byte[] { 1, 2, 3 },
    };

    public Fix Row(double minutes, long digest = 7) => new()
    {
        Tenant = Tenant,
        VehicleId = Vehicle,
        DeviceId = "d",
        FixedAt = Key(minutes).FixedAt,
        ReceivedAt = Noon,
        Digest = digest,
        Verdict = FixVerdict.Accepted,
        Latitude = 60,
        Longitude = 25,
    };

    public LaneCommit Commit(
        IReadOnlyList<Outcome>? outcomes = null, IReadOnlyList<Checkpoint>? checkpoints = null, IReadOnlyList<Fix>? rows = null, IReadOnlyList<int>? late = null) => new()
        {
            Lane = Lane,
            ExpectedNumber = Number,
            Rows = rows ?? [],
            NewVehicles = [],
            Quarantine = [],
            Outcomes = outcomes ?? [],
            Checkpoints = checkpoints ?? [],
            LateRows = late ?? [],
        };

    public Task WriteAsync(params Outcome[] outcomes) => SendAsync(Commit(outcomes));

    public Task WriteAsync(params Checkpoint[] checkpoints) => SendAsync(Commit(checkpoints: checkpoints));

    public async Task<LaneCommitResult> SendAsync(LaneCommit commit)
    {
        var result = (await _store.CommitAsync([commit], Cancellation))[0];
        Assert.True(result.Won);
        Number++;
        return result;
    }

    public OutcomeQuery Query(params OutcomeType[] types) => new()
    {
        Tenant = Tenant, Types = types.Length == 0 ? Enum.GetValues<OutcomeType>() : types, Limit = 1_000,
    };
}
