using Npgsql;
using NpgsqlTypes;

namespace FleetTracker.Storage;

/// <summary>Parameters by position with the engine's type named, which spares it from guessing at what a null or an empty list is.</summary>
internal static class PostgreSqlParameters
{
    public static void AddArray<T>(this NpgsqlBatchCommand command, List<T> values, NpgsqlDbType type) =>
        command.Parameters.Add(new NpgsqlParameter<List<T>> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });

    public static NpgsqlCommand With<T>(this NpgsqlCommand command, T value)
    {
        command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        return command;
    }

    public static NpgsqlCommand With(this NpgsqlCommand command, DateTimeOffset instant)
    {
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = instant.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        return command;
    }

    public static NpgsqlCommand WithArray<T>(this NpgsqlCommand command, IEnumerable<T> values, NpgsqlDbType type)
    {
        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | type });
        return command;
    }
}
