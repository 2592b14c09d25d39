using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace FleetTracker.Storage;

/// <summary>Commands that run once per request, where ADO.NET's parameters cost nothing that matters.</summary>
internal static class SqliteCommands
{
    [SuppressMessage("Security", "CA2100", Justification = "Callers pass constants, put together by what a query asks for; values are parameters.")]
    public static SqliteCommand Command(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }

    public static long? Scalar(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.Command(sql, parameters);
        return command.ExecuteScalar() as long?;
    }

    public static long? FindVehicle(this SqliteConnection connection, string tenant, string vehicleId) => connection.Scalar(
        "SELECT number FROM lane_vehicles WHERE vehicle_id = $vehicle AND tenant = $tenant", ("$vehicle", vehicleId), ("$tenant", tenant));
}
