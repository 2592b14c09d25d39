using Npgsql;

namespace FleetTracker.Storage;

internal sealed class PositionPartitions(NpgsqlDataSource source)
{
    public Task EnsureRetentionAsync(DateTimeOffset now, TimeSpan retention, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{source} {now} {retention} {cancellationToken.IsCancellationRequested}");
}
