using FleetTracker.Exports;
using FleetTracker.Problems;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace FleetTracker.Outcomes;

/// <summary>All outcomes of a list as a file.</summary>
internal sealed class OutcomeExportRequest : OutcomeRequest
{
    [FromQuery(Name = "format")] public string? Format { get; init; }

    public required IOptions<JsonOptions> Json { get; init; }

    public Task<IResult> ExportAsync<T>(OutcomeType type, OutcomeChoice choice, Func<Outcome, T> view) => ExportAsync(null, type, choice, view);

    /// <summary>The same of one vehicle, which must be there.</summary>
    public Task<IResult> ExportOfAsync<T>(string vehicleId, OutcomeType type, OutcomeChoice choice, Func<Outcome, T> view) =>
        ExportAsync(vehicleId, type, choice with { VehicleIds = [vehicleId] }, view);

    private async Task<IResult> ExportAsync<T>(string? vehicleId, OutcomeType type, OutcomeChoice choice, Func<Outcome, T> view)
    {
        var parameters = new Parameters();
        var query = Read(parameters, type, choice);
        var make = parameters.OneOf<Func<IExportFormat<Outcome>>>(
            "format", Format, () => CsvOf(type), ("csv", () => CsvOf(type)), ("geojson", () => new OutcomeGeoJson<T>(view, Json.Value.SerializerOptions)));
        if (parameters.Problem is { } problem) return problem;
        if (vehicleId is not null && await ProblemOfVehicleAsync(vehicleId) is { } unknown) return unknown;

        var chunks = await Chunks<Outcome>.OpenAsync(
            (after, count, cancel) => Outcomes.ReadOutcomesAsync(query with { After = after is null ? null : (after.At, after.Id), Limit = count }, cancel),
            int.MaxValue, CancellationToken);
        return new ExportResult<Outcome>(chunks, make(), FileNames.Of(vehicleId, $"{OutcomeView.WordOf(type)}s", query.From, query.To));
    }

    private static CsvFormat<Outcome> CsvOf(OutcomeType type) => type switch
    {
        OutcomeType.Trip => new TripCsv(),
        OutcomeType.Stop => new StopCsv(),
        OutcomeType.Visit => new VisitCsv(),
        _ => new EventCsv(),
    };
}
