using System.Globalization;
using FleetTracker.Ingestion;
using FleetTracker.Problems;
using FleetTracker.Storage;

namespace FleetTracker.Simulations;

/// <summary>Which vehicles' history a simulation runs over, and when.</summary>
internal sealed record SimulationScope(string Tenant, IReadOnlyList<string> VehicleIds, DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>What the answer does not cover although it was asked for.</summary>
    public List<string> Cut { get; } = [];
}

/// <summary>Reads rows page by page and hands them on, as many as may be read and as long as it may take.</summary>
internal sealed class SimulatedHistory(ITelemetryStore telemetry, SimulationOptions options, TimeProvider time)
{
    private const int PageRows = 1_000;

    private readonly long _started = time.GetTimestamp();

    public int Rows { get; private set; }

    /// <param name="begin">Told which vehicle's rows come next.</param>
    /// <param name="take">Given them, ascending.</param>
    /// <param name="end">Told through when they were complete.</param>
    public async Task ReadAsync(
        SimulationScope scope, Action<string> begin, Action<Fix> take, Action<DateTimeOffset> end, CancellationToken cancellationToken)
    {
        for (var i = 0; i < scope.VehicleIds.Count; i++)
        {
            if (Why() is { } why)
            {
                scope.Cut.Add(string.Create(CultureInfo.InvariantCulture, $"{scope.VehicleIds.Count - i} of {scope.VehicleIds.Count} vehicles, from '{scope.VehicleIds[i]}' on, were not looked at: {why}."));
                return;
            }

            begin(scope.VehicleIds[i]);
            var until = await ReadAsync(scope, scope.VehicleIds[i], take, cancellationToken);
            if (until < scope.To) scope.Cut.Add($"Vehicle '{scope.VehicleIds[i]}' was looked at up to {Rfc3339.Write(until)}: {Why()}.");
            end(until);
        }
    }

    private async Task<DateTimeOffset> ReadAsync(SimulationScope scope, string vehicleId, Action<Fix> take, CancellationToken cancellationToken)
    {
        var query = new PositionQuery { Tenant = scope.Tenant, VehicleId = vehicleId, From = scope.From - options.Warmup, To = scope.To, Limit = PageRows };
        while (true)
        {
            var page = await telemetry.ReadPositionsAsync(query, cancellationToken);
            foreach (var row in page) take(row);
            Rows += page.Count;
            if (page.Count < PageRows) return scope.To;
            if (Why() is not null) return page[^1].FixedAt;
            query = query with { From = null, After = PositionKey.Of(page[^1]) };
        }
    }

    private string? Why()
    {
        if (Rows >= options.MaxRows) return string.Create(CultureInfo.InvariantCulture, $"a simulation reads {options.MaxRows:N0} rows");
        return time.GetElapsedTime(_started) >= options.MaxDuration ? string.Create(CultureInfo.InvariantCulture, $"a simulation may take {options.MaxDuration.TotalSeconds:0} s") : null;
    }
}
