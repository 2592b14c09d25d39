using System.Globalization;
using FleetTracker.Ingestion;
using FleetTracker.Storage;

namespace FleetTracker.Tests.Ingestion;

/// <summary>What retention removes. It concerns the whole store, so it has one of its own.</summary>
public abstract class RetentionCompliance(StorageFixture fixture)
{
    private static readonly DateTimeOffset Now = DateTimeOffset.Parse("2026-03-10T15:00:00Z", CultureInfo.InvariantCulture);

    private readonly ITelemetryStore _store = fixture.Telemetry;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whole_days_before_the_retention_go_and_may_be_written_again()
    {
        var number = await _store.StartLaneAsync(1, Cancellation);
        var midnight = Now.AddHours(-15);
        DateTimeOffset[] times = [midnight.AddDays(-40), midnight.AddDays(-10).AddTicks(-10), midnight.AddDays(-10), midnight, Now];
        await CommitAsync(number, times);

        await _store.ApplyRetentionAsync(Now, TimeSpan.FromDays(10), Cancellation);
        await _store.ApplyRetentionAsync(Now, TimeSpan.FromDays(10), Cancellation);
        Assert.Equal(times[2..], await ReadAsync());

        // This store remembers the day that is gone.
        var again = await CommitAsync(number + 1, times[..1]);
        Assert.Equal([true], again.IsNew);
        Assert.Equal([times[0], .. times[2..]], await ReadAsync());

        using var other = fixture.Compose();
        await ((ITelemetryStore)other.GetService(typeof(ITelemetryStore))!).ApplyRetentionAsync(Now, TimeSpan.FromDays(10), Cancellation);
        Assert.True((await CommitAsync(number + 2, times[..1])).Won);
    }

    private async Task<LaneCommitResult> CommitAsync(long number, params DateTimeOffset[] times)
    {
        var rows = times.Select(at => new Fix
        {
            Tenant = "north", VehicleId = "v", DeviceId = "d", FixedAt = at, ReceivedAt = at, Digest = 1, Verdict = FixVerdict.Accepted, Latitude = 1, Longitude = 2,
        }).ToList();
        var results = await _store.CommitAsync(
            [new LaneCommit { Lane = 1, ExpectedNumber = number, Rows = rows, NewVehicles = [new("north", "v")], Quarantine = [] }], Cancellation);
        return results[0];
    }

    private async Task<IEnumerable<DateTimeOffset>> ReadAsync() =>
        (await _store.ReadPositionsAsync(new PositionQuery { Tenant = "north", VehicleId = "v", Limit = 100 }, Cancellation)).Select(fix => fix.FixedAt);
}

public sealed class SqliteRetentionTests(SqliteFixture fixture) : RetentionCompliance(fixture), IClassFixture<SqliteFixture>;

public sealed class IndexedSqliteRetentionTests(IndexedSqliteFixture fixture) : RetentionCompliance(fixture), IClassFixture<IndexedSqliteFixture>;

public sealed class PostgreSqlRetentionTests(PostgreSqlFixture fixture) : RetentionCompliance(fixture), IClassFixture<PostgreSqlFixture>;
