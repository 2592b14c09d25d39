using System.Globalization;
using FleetTracker.Outcomes;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FleetTracker.Ingestion;

/// <summary>The writer on a real SQLite store.</summary>
public sealed class TelemetryWriterTests : IAsyncLifetime
{
    private const string Nul = "\0";

    private readonly string _folder = Directory.CreateTempSubdirectory("fleettracker-writer-").FullName;
    private ServiceProvider _services = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IOutcomeStore Outcomes => _services.GetRequiredService<IOutcomeStore>();

    private ITelemetryStore Store => _services.GetRequiredService<ITelemetryStore>();

    public async ValueTask InitializeAsync()
    {
        _services = new ServiceCollection().AddMetrics().AddFleetStorage(storage => storage.DataDirectory = _folder).BuildServiceProvider();
        await _services.GetRequiredService<IMigrator>().MigrateAsync(Cancellation);
        await Store.EnsureLaneCountAsync(1, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Whatever of a commit is refused for its content, everything else of it is stored, in order.</summary>
    [Theory]
    [InlineData(new int[0], new int[0])]
    [InlineData(new[] { 3 }, new int[0])]
    [InlineData(new int[0], new[] { 0 })]
    [InlineData(new int[0], new[] { 6 })]
    [InlineData(new[] { 0, 4 }, new[] { 2, 3, 5 })]
    [InlineData(new[] { 0, 1, 2, 3, 4 }, new[] { 0, 1, 2, 3, 4, 5, 6 })]
    public async Task What_is_refused_for_its_content_takes_nothing_with_it(int[] badRows, int[] badOutcomes)
    {
        var fixes = Enumerable.Range(0, 5).Select(i => Fixes.At(i, digest: i) with { Attributes = $$"""{"a":"{{(badRows.Contains(i) ? Nul : "")}}"}""" }).ToArray();
        var outcomes = Enumerable.Range(0, 7).Select(i => OutcomeAt(i, badOutcomes.Contains(i) ? Nul : "ok")).ToArray();
        var committed = await WriteAsync(fixes, outcomes);

        Assert.Equal(fixes.Select((_, i) => badRows.Contains(i) ? RowFate.Refused : RowFate.New), committed.Fates);
        var stored = await Store.ReadPositionsAsync(new PositionQuery { Tenant = "default", VehicleId = fixes[0].VehicleId, Limit = 100 }, Cancellation);
        Assert.Equal(fixes.Where((_, i) => !badRows.Contains(i)).Select(fix => fix.FixedAt), stored.Select(fix => fix.FixedAt));
        var feed = await Outcomes.ReadFeedAsync(0, default, 100, Cancellation);
        Assert.Equal(outcomes.Where((_, i) => !badOutcomes.Contains(i)).Select(outcome => outcome.Id), feed.Select(item => item.Outcome.Id));
        // The next commit follows the last part.
        Assert.Equal(committed.Number, committed.Work.Queue.Number);
        Assert.Equal(RowFate.New, Assert.Single((await WriteAsync([Fixes.At(100)], [], committed.Work.Queue)).Fates));
    }

    private async Task<CommittedWork> WriteAsync(Fix[] fixes, Outcome[] outcomes, LaneQueue? queue = null)
    {
        if (queue is null)
        {
            queue = new LaneQueue(0, new LaneOptions());
            queue.Start(await Store.StartLaneAsync(0, Cancellation));
        }

        var heads = new LaneHeads(System.Reflection.DispatchProxy.Create<IGrainFactory, LaneQueueTests.NoGrains>(), new VehicleOptions());
        queue.TryAdd(new LaneBatch { Id = Guid.NewGuid(), Lane = 0, Observer = null!, Fixes = [.. fixes] }, heads);
        queue.AddOutcomes(outcomes);
        var hold = new TelemetryHold();
        var state = new TelemetryWriterState(hold);
        var (lanes, storage) = (Options.Create(new LaneOptions()), _services.GetRequiredService<IOptions<StorageOptions>>());
        using var writer = new TelemetryWriter(
            Store, state, hold, new DiskSpace(storage, TimeProvider.System), lanes, new TelemetryMetrics(_services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), state),
            TimeProvider.System, NullLogger<TelemetryWriter>.Instance);
        state.Attach(queue);
        writer.Signal();
        await writer.StartAsync(Cancellation);
        var committed = await queue.Committed.ReadAsync(Cancellation);
        await writer.StopAsync(Cancellation);
        return committed;
    }

    private static Outcome OutcomeAt(int minute, string text) => new()
    {
        Id = Guid.NewGuid(),
        Tenant = "default",
        VehicleId = Fixes.At(0).VehicleId,
        Type = OutcomeType.Event,
        Kind = "sos",
        Subject = "",
        At = new PositionKey(Fixes.Noon.AddMinutes(minute), 1),
        EndedAt = Fixes.Noon.AddMinutes(minute),
        Through = new PositionKey(Fixes.Noon.AddMinutes(minute), 1),
        State = OutcomeState.Closed,
        Revision = 1,
        Evidence = string.Create(CultureInfo.InvariantCulture, $$"""{"text":"{{text}}"}"""),
        RecordedAt = Fixes.Noon,
    };
}
