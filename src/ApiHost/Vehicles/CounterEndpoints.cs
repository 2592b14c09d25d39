using System.Security.Claims;
using System.Text.Json;
using FleetTracker.Identity;
using FleetTracker.Problems;
using FleetTracker.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace FleetTracker.Vehicles;

/// <summary>What a vehicle's instruments would show.</summary>
/// <param name="At">Time of the newest fix that is counted; <c>null</c> = it never reported.</param>
/// <param name="Odometer">Meters.</param>
/// <param name="OdometerSource"><c>counted</c> since the first fix, <c>device</c>, or <c>set</c> by somebody and counted on from there.</param>
/// <param name="EngineTime">Seconds with the ignition on.</param>
/// <param name="EngineTimeSource"><c>counted</c> or <c>set</c>.</param>
public sealed record CountersView(DateTimeOffset? At, double Odometer, string OdometerSource, double EngineTime, string EngineTimeSource)
{
    internal static CountersView Of(VehicleCounters? counted, CounterReadings readings)
    {
        var odometer = Newer(readings.Odometer, counted);
        var engine = Newer(readings.EngineTime, counted);
        return new(
            counted?.At,
            Math.Round(odometer ?? counted?.OdometerMeters ?? 0, 1), Word(odometer is null ? counted?.OdometerSource : CounterSource.Set),
            Math.Round(engine ?? counted?.EngineTime.TotalSeconds ?? 0, 1), Word(engine is null ? counted?.EngineTimeSource : CounterSource.Set));
    }

    /// <summary>A reading that no fix has been counted after is the value, also where the fleet does not know of it yet.</summary>
    private static double? Newer(CounterReading? reading, VehicleCounters? counted) =>
        reading is { Value: { } value } given && (counted is null || given.From > counted.At) ? value : null;

    private static string Word(CounterSource? source) => source switch { CounterSource.Set => "set", CounterSource.Device => "device", _ => "counted" };
}

/// <summary>What is given is set, <c>null</c> takes back what was set, and what is missing stays.</summary>
/// <param name="Odometer">Meters, 0 to 10,000,000,000.</param>
/// <param name="EngineTime">Seconds, 0 to 10,000,000,000.</param>
public sealed record CountersChange(double? Odometer, double? EngineTime);

internal static class CounterEndpoints
{
    private const double Most = 10_000_000_000;

    public static void MapCounters(this IEndpointRouteBuilder api)
    {
        var counters = api.MapGroup("/vehicles/{id}/counters").WithTags("Vehicles").WithCommonProblems().ProducesProblem(StatusCodes.Status404NotFound);
        counters.MapGet("", FindAsync).RequireAuthorization(Access.Read).WithName("GetVehicleCounters")
            .WithSummary("Odometer and engine time of a vehicle.").Produces<CountersView>();
        counters.MapPatch("", ChangeAsync).RequireAuthorization(Access.Dispatch).WithName("SetVehicleCounters")
            .WithSummary("Sets odometer or engine time to what the vehicle's instrument shows now; fixes count on from there.")
            .Accepts<CountersChange>("application/json").Produces<CountersView>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status412PreconditionFailed);
    }

    private static async Task<IResult> FindAsync(
        string id, ClaimsPrincipal user, IRulesStore rules, IGrainFactory grains, HttpContext context, CancellationToken cancellationToken) =>
        await rules.FindReadingsAsync(user.TenantOf(), id, cancellationToken) is { } readings
            ? await ShowAsync(context, grains, user, id, readings) : VehicleProblems.NotFound(id);

    private static async Task<IResult> ChangeAsync(
        string id, ClaimsPrincipal user, IRulesStore rules, IGrainFactory grains, HttpContext context, CancellationToken cancellationToken,
        [FromHeader(Name = "If-Match")] string? ifMatch = null)
    {
        var (body, problem) = await JsonBody.ReadAsync(context.Request, cancellationToken);
        if (body is null) return problem!;
        using var read = body;
        var parameters = new Parameters();
        var wanted = Read(body.RootElement, parameters);
        if (parameters.Problem is { } wrong) return wrong;

        var change = await rules.ChangeReadingsAsync(user.TenantOf(), id, wanted, EntityTags.Expected(ifMatch), user.NameOf(), cancellationToken);
        return change switch
        {
            { Status: ChangeStatus.Done, Value: { } after } => await ShowAsync(context, grains, user, id, after),
            { Status: ChangeStatus.Stale, Value: { } now } => EntityTags.Stale(context, $"The odometer and engine time of vehicle '{id}'", now.Revision),
            _ => VehicleProblems.NotFound(id),
        };
    }

    private static ReadingsChange Read(JsonElement body, Parameters parameters)
    {
        if (JsonFields.Of(body, "", parameters) is not { } fields) return new ReadingsChange(null, null);
        var change = new ReadingsChange(Given("odometer", "m"), Given("engineTime", "s"));
        if (change is { Odometer: null, EngineTime: null }) parameters.Refuse("body", "must have odometer, engineTime or both");
        fields.RefuseOthers();
        return change;

        GivenReading? Given(string name, string unit) => body.TryGetProperty(name, out _) ? new GivenReading(fields.Number(name, 0, Most, unit)) : null;
    }

    private static async Task<Ok<CountersView>> ShowAsync(HttpContext context, IGrainFactory grains, ClaimsPrincipal user, string id, StoredReadings readings)
    {
        var counted = await grains.GetGrain<IVehicleGrain>(VehicleKeys.For(user.TenantOf(), id)).GetCountersAsync();
        EntityTags.Show(context, readings.Revision);
        return TypedResults.Ok(CountersView.Of(counted, readings.Readings));
    }
}
