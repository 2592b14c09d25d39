using Dapper;

namespace FleetTracker.Storage;

/// <summary>The list of vehicles and its search.</summary>
internal sealed partial class FleetStore
{
    private async Task<List<RegisteredVehicle>> ListVehiclesAsync(Session session, VehicleQuery query)
    {
        var parameters = new DynamicParameters(new
        {
            query.Tenant, query.Group, AfterName = query.After?.Name, AfterId = query.After?.Id, query.Limit,
        });
        var words = await WordsAsync(session, query, parameters);
        return await ReadVehiclesAsync(
            session,
            $"""
            v.tenant = @Tenant
            {words}
            {(query.Group is null ? "" : "AND EXISTS (SELECT 1 FROM group_vehicles g WHERE g.tenant = v.tenant AND g.group_name = @Group AND g.vehicle_id = v.id)")}
            {(query.After is null ? "" : "AND (v.name, v.id) > (@AfterName, @AfterId)")}
            ORDER BY v.name, v.id LIMIT @Limit
            """,
            parameters);
    }

    /// <summary>One condition per word. Groups are compared here and not in SQL, because the engines lower different letters.</summary>
    private async Task<string> WordsAsync(Session session, VehicleQuery query, DynamicParameters parameters)
    {
        var words = (query.Search ?? "").ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToList();
        if (words.Count == 0) return "";
        var groups = await session.QueryAsync<string>("SELECT name FROM vehicle_groups WHERE tenant = @Tenant", new { query.Tenant });
        return string.Join('\n', words.Select((word, i) =>
        {
            parameters.Add($"Word{i}", SearchText.Containing(word));
            var matching = groups.FindAll(name => name.ToLowerInvariant().Contains(word, StringComparison.Ordinal));
            if (matching.Count == 0) return $"AND v.search LIKE @Word{i} ESCAPE '\\'";
            parameters.Add($"Groups{i}", _database.List(matching));
            return $"""
                AND (v.search LIKE @Word{i} ESCAPE '\' OR EXISTS (
                  SELECT 1 FROM group_vehicles g WHERE g.tenant = v.tenant AND g.vehicle_id = v.id AND {_database.In("g.group_name", $"Groups{i}")}))
                """;
        }));
    }
}
