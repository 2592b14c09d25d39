using System.Globalization;
using System.Security.Claims;
using FleetTracker.Explanations;
using FleetTracker.Exports;
using FleetTracker.Identity;
using FleetTracker.Ingestion;
using FleetTracker.Problems;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.Extensions.Options;

namespace FleetTracker.Sensors;

/// <summary>What the sensors of a vehicle say and said. Stored fixes are read with the sensor as it is now.</summary>
internal static class VehicleSensorEndpoints
{
    private const int DefaultPoints = 500;
    private const int MaxPoints = 5_000;

    private static readonly TimeSpan DefaultChart = TimeSpan.FromDays(1);

    /// <summary>A newest value is looked for in so much history first, then in more while there is none.</summary>
    private static readonly TimeSpan NewestSpan = TimeSpan.FromHours(1);

    public static void MapVehicleSensors(this IEndpointRouteBuilder api)
    {
        var read = api.MapGroup("/vehicles/{id}/sensors").WithTags("Sensors").RequireAuthorization(Access.Read).WithCommonProblems().ProducesProblem(StatusCodes.Status404NotFound);
        read.MapGet("", ListAsync).WithName("ListVehicleSensors")
            .WithSummary("The sensors of a vehicle, each with its newest value among the vehicle's newest fixes.").Produces<VehicleSensors>();
        read.MapGet("/{sensorId}/history", ListHistoryAsync).WithName("ListSensorHistory")
            .WithSummary("The values of a sensor, ascending by fix time, streamed. Follow `next` until there is none: a page may have few items.")
            .Produces<Page<SensorSampleView>>();
        read.MapGet("/{sensorId}/history/export", ExportHistoryAsync).WithName("ExportSensorHistory").WithSummary("The values of a sensor as a file, streamed.")
            .Produces(StatusCodes.Status200OK, contentType: "text/csv");
        read.MapGet("/{sensorId}/chart", ChartAsync).WithName("GetSensorChart")
            .WithSummary("Least, greatest, average and newest value of a sensor in equal spans of time.").Produces<SensorChartView>();
    }

    private static async Task<IResult> ListAsync(
        string id, ClaimsPrincipal user, IFleetStore fleet, TenantRulesReader rules, ITelemetryStore telemetry, IOptions<SensorOptions> options,
        IOptions<FixOptions> fixes, TimeProvider time, CancellationToken cancellationToken)
    {
        var request = new SensorRequest(user, fleet, rules);
        if (await request.ListAsync(id, cancellationToken) is not { } sensors) return VehicleProblems.NotFound(id);
        if (sensors.Count == 0) return TypedResults.Ok(new VehicleSensors([]));

        // A device's clock may be ahead of ours.
        var now = time.GetUtcNow() + fixes.Value.MaxClockLead;
        var rows = await new HistoryWindow(telemetry, request.Tenant, id).ReadUpToAsync(now, NewestSpan, options.Value.NewestRows, now - fixes.Value.Retention, cancellationToken);
        return TypedResults.Ok(new VehicleSensors([.. sensors.Select(sensor => NewestOf(sensor, rows))]));
    }

    private static VehicleSensorView NewestOf(CompiledSensor sensor, IReadOnlyList<Fix> rows)
    {
        var (definition, kind) = (sensor.Definition, SensorWords.WordOf(sensor.Rules.Kind));
        for (var i = rows.Count - 1; i >= 0; i--)
        {
            if (sensor.TryRead(rows[i], out var raw, out var value))
                return new VehicleSensorView(definition.Id, definition.Name, sensor.Rules.Attribute, kind, definition.Unit, rows[i].FixedAt, raw, value);
        }

        return new VehicleSensorView(definition.Id, definition.Name, sensor.Rules.Attribute, kind, definition.Unit, null, null, null);
    }

    private static async Task<IResult> ListHistoryAsync(
        string id, string sensorId, ClaimsPrincipal user, IFleetStore fleet, TenantRulesReader rules, ITelemetryStore telemetry, IOptions<SensorOptions> options,
        CancellationToken cancellationToken, string? from = null, string? to = null, string? limit = null, string? cursor = null)
    {
        var parameters = new Parameters();
        var request = new SensorRequest(user, fleet, rules);
        var query = Query(request, id, parameters, from, to) with { After = KeyCursors.Read(parameters, SensorStream.CursorKind, cursor), Limit = parameters.Limit(limit, 1_000) };
        if (parameters.Problem is { } problem) return problem;

        var (sensor, unknown) = await request.FindAsync(id, sensorId, cancellationToken);
        return sensor is null ? unknown! : await SensorStream.OpenAsync(telemetry, query, sensor, options.Value.MaxHistoryRows, cancellationToken);
    }

    private static async Task<IResult> ExportHistoryAsync(
        string id, string sensorId, ClaimsPrincipal user, IFleetStore fleet, TenantRulesReader rules, ITelemetryStore telemetry, CancellationToken cancellationToken,
        string? format = null, string? from = null, string? to = null)
    {
        var parameters = new Parameters();
        var request = new SensorRequest(user, fleet, rules);
        parameters.OneOf("format", format, true, ("csv", true));
        var query = Query(request, id, parameters, from, to);
        if (parameters.Problem is { } problem) return problem;

        var (sensor, unknown) = await request.FindAsync(id, sensorId, cancellationToken);
        if (sensor is null) return unknown!;
        var chunks = await PositionStream.ReadAsync(telemetry, query, int.MaxValue, cancellationToken);
        return new ExportResult<Fix>(chunks, new SensorCsv(sensor), FileNames.Of(id, sensor.Definition.Name, query.From, query.To));
    }

    private static async Task<IResult> ChartAsync(
        string id, string sensorId, ClaimsPrincipal user, IFleetStore fleet, TenantRulesReader rules, ITelemetryStore telemetry, IOptions<SensorOptions> options,
        TimeProvider time, CancellationToken cancellationToken, string? from = null, string? to = null, string? points = null)
    {
        var parameters = new Parameters();
        var end = parameters.Instant("to", to) ?? time.GetUtcNow().ToStored();
        if (from is null && end - DateTimeOffset.MinValue < DefaultChart) parameters.Refuse("to", $"must be later without from, was '{to}'");
        var begin = parameters.Instant("from", from) ?? (parameters.IsValid ? end - DefaultChart : end);
        var count = Points(parameters, points);
        if (begin >= end) parameters.Refuse("from", $"must be before to, was '{Rfc3339.Write(begin)}'");
        if (parameters.Problem is { } problem) return problem;

        var request = new SensorRequest(user, fleet, rules);
        var (sensor, unknown) = await request.FindAsync(id, sensorId, cancellationToken);
        if (sensor is null) return unknown!;

        var chart = new SensorChart(begin, end, count);
        var query = new PositionQuery { Tenant = request.Tenant, VehicleId = id, From = begin, To = end, Limit = 1 };
        if (await GatherAsync(telemetry, query, sensor, chart, options.Value.MaxChartRows, cancellationToken) is { } cut)
        {
            parameters.Refuse("to", string.Create(
                CultureInfo.InvariantCulture, $"must be at most {Rfc3339.Write(cut)}: a chart is made of at most {options.Value.MaxChartRows:N0} fixes, was '{Rfc3339.Write(end)}'"));
            return parameters.Problem!;
        }

        return TypedResults.Ok(new SensorChartView(sensor.Definition.Id, sensor.Definition.Unit, begin, end, chart.BucketLength.TotalSeconds, chart.Read()));
    }

    /// <summary>Up to when the fixes are not too many; <c>null</c> = they are not.</summary>
    private static async Task<DateTimeOffset?> GatherAsync(
        ITelemetryStore telemetry, PositionQuery query, CompiledSensor sensor, SensorChart chart, int maxRows, CancellationToken cancellationToken)
    {
        var rows = 0;
        var chunks = await PositionStream.ReadAsync(telemetry, query, maxRows + 1, cancellationToken);
        await foreach (var chunk in chunks.ReadAllAsync(cancellationToken))
        {
            foreach (var row in chunk)
            {
                if (rows++ == maxRows) return row.FixedAt;
                if (sensor.TryRead(row, out _, out var value)) chart.Add(row.FixedAt, value);
            }
        }

        return null;
    }

    private static PositionQuery Query(SensorRequest request, string vehicleId, Parameters parameters, string? from, string? to)
    {
        var query = new PositionQuery
        {
            Tenant = request.Tenant, VehicleId = vehicleId, From = parameters.Instant("from", from), To = parameters.Instant("to", to), Limit = 1,
        };
        parameters.Order("from", query.From, query.To);
        return query;
    }

    private static int Points(Parameters parameters, string? points)
    {
        if (points is null) return DefaultPoints;
        if (int.TryParse(points, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= MaxPoints) return count;
        parameters.Refuse("points", string.Create(CultureInfo.InvariantCulture, $"must be a whole number from 1 to {MaxPoints:N0}, was '{(points.Length <= 80 ? points : points[..80])}'"));
        return DefaultPoints;
    }
}
