using System.Collections.Concurrent;
using System.Collections.Immutable;
using Npgsql;
using NpgsqlTypes;

namespace FleetTracker.Storage;

/// <summary>The daily partitions (UTC) of <c>positions</c>. What exists is remembered, so that a commit asks only when a new day appears.</summary>
internal sealed class PositionPartitions(NpgsqlDataSource source)
{
    /// <summary>Days made ahead of time, so that the first commit after midnight does not wait.</summary>
    private const int DaysAhead = 3;

    /// <summary>Partitions made per transaction: each holds a handful of locks until it ends.</summary>
    private const int DaysPerTransaction = 32;

    private const int Attempts = 20;

    private readonly ConcurrentDictionary<int, bool> _known = new();

    /// <summary>Are all days known? Day numbers count from 0001-01-01, as <see cref="DateOnly.DayNumber"/>.</summary>
    public bool Knows(int dayNumber) => _known.ContainsKey(dayNumber);

    /// <summary>After the database missed a partition that was believed to exist.</summary>
    public void Forget() => _known.Clear();

    public Task EnsureRetentionAsync(DateTimeOffset now, TimeSpan retention, CancellationToken cancellationToken)
    {
        var first = DateOnly.FromDateTime(RetentionDay.OldestKept(now, retention).UtcDateTime).DayNumber;
        var last = DateOnly.FromDateTime(now.UtcDateTime).DayNumber + DaysAhead;
        return EnsureAsync([.. Enumerable.Range(first, last - first + 1)], cancellationToken);
    }

    public async Task EnsureAsync(IReadOnlyCollection<int> dayNumbers, CancellationToken cancellationToken)
    {
        await LoadAsync(cancellationToken);
        foreach (var days in dayNumbers.Where(day => !Knows(day)).Distinct().Order().Chunk(DaysPerTransaction))
        {
            await MakeAsync([.. days.Select(DateOnly.FromDayNumber)], cancellationToken);
            foreach (var day in days) _known[day] = true;
        }
    }

    /// <summary>Removes whole days before <paramref name="oldest"/>, also those that an interrupted run left half removed.</summary>
    public async Task DropBeforeAsync(DateOnly oldest, CancellationToken cancellationToken)
    {
        foreach (var (name, day, isPending) in await ListAsync(cancellationToken))
        {
            if (day >= oldest) continue;
            _known.TryRemove(day.DayNumber, out _);

            // CONCURRENTLY needs a statement of its own, and keeps commits into other days going.
            await ExecuteAsync($"ALTER TABLE positions DETACH PARTITION \"{name}\" {(isPending ? "FINALIZE" : "CONCURRENTLY")}", cancellationToken);
            await ExecuteAsync($"DROP TABLE \"{name}\"", cancellationToken);
        }

        await using var orphans = source.CreateCommand(
            """
            SELECT c.relname FROM pg_class c
            WHERE c.relkind = 'r' AND c.relname ~ '^positions_\d{8}$' AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'positions'::regclass)
              AND NOT EXISTS (SELECT 1 FROM pg_inherits i WHERE i.inhrelid = c.oid)
            """);
        var names = new List<string>();
        await using (var reader = await orphans.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken)) names.Add(reader.GetString(0));
        }

        foreach (var name in names)
        {
            if (DayOf(name) < oldest) await ExecuteAsync($"DROP TABLE IF EXISTS \"{name}\"", cancellationToken);
        }
    }

    private async Task MakeAsync(DateOnly[] days, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await using var command = source.CreateCommand("SELECT fleet_ensure_days($1)");
            command.Parameters.Add(new NpgsqlParameter { Value = days, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Date });
            try
            {
                await command.ExecuteNonQueryAsync(cancellationToken);
                return;
            }
            catch (PostgresException busy) when (busy.SqlState == PostgresErrorCodes.LockNotAvailable && attempt < Attempts)
            {
                // A long reader holds the table; waiting longer in its queue would hold back commits too.
            }
        }
    }

    private async Task LoadAsync(CancellationToken cancellationToken)
    {
        foreach (var (_, day, isPending) in await ListAsync(cancellationToken))
        {
            if (!isPending) _known[day.DayNumber] = true;
        }
    }

    private async Task<ImmutableArray<(string Name, DateOnly Day, bool IsPending)>> ListAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            """
            SELECT c.relname, i.inhdetachpending FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'positions'::regclass ORDER BY c.relname
            """);
        var found = ImmutableArray.CreateBuilder<(string, DateOnly, bool)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) found.Add((reader.GetString(0), DayOf(reader.GetString(0)), reader.GetBoolean(1)));
        return found.ToImmutable();
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static DateOnly DayOf(string partition) =>
        DateOnly.ParseExact(partition.AsSpan("positions_".Length), "yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture);
}
