using System.Security.Claims;
using FleetTracker.Identity;
using FleetTracker.Problems;
using FleetTracker.Storage;
using FleetTracker.Vehicles;
using Microsoft.AspNetCore.Mvc;

namespace FleetTracker.Outcomes;

/// <summary>What all requests for outcomes share: who asks, of whom, and the parameters as they were sent.</summary>
internal abstract class OutcomeRequest
{
    private const int MostVehicles = 100;
    private const int MostKinds = 20;
    private const int LongestText = 64;

    public required ClaimsPrincipal User { get; init; }

    public required IOutcomeStore Outcomes { get; init; }

    public required IFleetStore Fleet { get; init; }

    public required CancellationToken CancellationToken { get; init; }

    [FromQuery(Name = "from")] public string? From { get; init; }

    [FromQuery(Name = "to")] public string? To { get; init; }

    [FromQuery(Name = "open")] public string? Open { get; init; }

    [FromQuery(Name = "withdrawn")] public string? Withdrawn { get; init; }

    [FromQuery(Name = "order")] public string? Order { get; init; }

    /// <summary>Without a page's limit and place.</summary>
    protected OutcomeQuery Read(Parameters parameters, OutcomeType type, OutcomeChoice choice)
    {
        var query = new OutcomeQuery
        {
            Tenant = User.TenantOf(),
            Types = [type],
            VehicleIds = Texts(parameters, "vehicleId", choice.VehicleIds, MostVehicles),
            Kinds = Texts(parameters, "kind", choice.Kinds, MostKinds),
            Subject = parameters.Text(choice.SubjectName, choice.Subject, Outcome.MaxSubjectLength),
            From = parameters.Instant("from", From),
            To = parameters.Instant("to", To),
            OpenOnly = parameters.OneOf("open", Open, false, ("true", true), ("false", false)),
            IncludeWithdrawn = parameters.OneOf("withdrawn", Withdrawn, false, ("true", true), ("false", false)),
            Descending = parameters.OneOf("order", Order, false, ("asc", false), ("desc", true)),
            Limit = 1,
        };
        parameters.Order("from", query.From, query.To);
        return query;
    }

    /// <summary>The problem of a vehicle that is not the caller's, or <c>null</c>.</summary>
    protected async Task<IResult?> ProblemOfVehicleAsync(string vehicleId) =>
        await Fleet.FindVehicleAsync(User.TenantOf(), vehicleId, CancellationToken) is null ? VehicleProblems.NotFound(vehicleId) : null;

    private static string[] Texts(Parameters parameters, string name, string[]? values, int most)
    {
        if (values is null) return [];
        if (values.Length > most)
        {
            parameters.Refuse(name, $"may be given {most} times at most, was given {values.Length} times");
            return [];
        }

        foreach (var value in values) parameters.Text(name, value, LongestText);
        return values;
    }
}

/// <summary>A page of outcomes.</summary>
internal sealed class OutcomeListRequest : OutcomeRequest
{
    [FromQuery(Name = "limit")] public string? Limit { get; init; }

    [FromQuery(Name = "cursor")] public string? Cursor { get; init; }

    public Task<IResult> ListAsync<T>(OutcomeType type, OutcomeChoice choice, Func<Outcome, T> view) => ListAsync(null, type, choice, view);

    /// <summary>The same of one vehicle, which must be there.</summary>
    public Task<IResult> ListOfAsync<T>(string vehicleId, OutcomeType type, OutcomeChoice choice, Func<Outcome, T> view) =>
        ListAsync(vehicleId, type, choice with { VehicleIds = [vehicleId] }, view);

    private async Task<IResult> ListAsync<T>(string? vehicleId, OutcomeType type, OutcomeChoice choice, Func<Outcome, T> view)
    {
        var parameters = new Parameters();
        var query = Read(parameters, type, choice);
        var count = parameters.Limit(Limit, 100);
        query = query with { Limit = count + 1, After = OutcomeCursors.Read(parameters, Cursor, query.Descending) };
        if (parameters.Problem is { } problem) return problem;
        if (vehicleId is not null && await ProblemOfVehicleAsync(vehicleId) is { } unknown) return unknown;

        var outcomes = await Outcomes.ReadOutcomesAsync(query, CancellationToken);
        var next = outcomes.Count > count ? OutcomeCursors.Make(outcomes[count - 1], query.Descending) : null;
        return TypedResults.Ok(new Page<T>([.. outcomes.Take(count).Select(view)], next));
    }
}

/// <summary>The parameters that differ from list to list.</summary>
internal sealed record OutcomeChoice(string[]? VehicleIds = null, string[]? Kinds = null, string? Subject = null, string SubjectName = "subject");
