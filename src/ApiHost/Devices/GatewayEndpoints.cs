using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using FleetTracker.Identity;
using FleetTracker.Problems;
using FleetTracker.Storage;
using FleetTracker.Vehicles;

namespace FleetTracker.Devices;

/// <summary>An MQTT client that speaks for many devices.</summary>
/// <param name="UserName">What it connects with.</param>
/// <param name="TopicFilters">MQTT topic filters it may publish under; empty = every topic of your devices.</param>
/// <param name="Group">Vehicle group for what it registers, or <c>null</c>.</param>
/// <param name="MayEnroll">May unknown devices be registered with their first fix?</param>
public sealed record GatewayView(string Name, string UserName, ImmutableArray<string> TopicFilters, string? Group, bool MayEnroll);

/// <param name="Name">1–64 of <c>A-Z a-z 0-9 . _ : -</c>, not <c>.</c> or <c>..</c>.</param>
/// <param name="TopicFilters">Default: every topic of your devices.</param>
/// <param name="Group">1–100 characters; a slash separates levels. Default: none.</param>
/// <param name="MayEnroll">Default: true.</param>
public sealed record NewGateway(string? Name, string[]? TopicFilters, string? Group, bool? MayEnroll);

/// <param name="Password">Shown here and never again.</param>
public sealed record NewGatewayResponse(string UserName, string Password);

internal static class GatewayEndpoints
{
    private const int MaxFilters = 100;

    public static void MapGateways(this IEndpointRouteBuilder api)
    {
        var gateways = api.MapGroup("/devices/gateways").WithTags("Devices").RequireAuthorization(Access.Install).WithCommonProblems();
        gateways.MapGet("", ListAsync).WithName("ListGateways").WithSummary("MQTT gateways by name.").Produces<Page<GatewayView>>();
        gateways.MapPost("", CreateAsync).WithName("CreateGateway").WithSummary("Creates an MQTT gateway and shows its password once.")
            .Produces<NewGatewayResponse>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);
        gateways.MapDelete("/{name}", DeleteAsync).WithName("DeleteGateway").WithSummary("Deletes an MQTT gateway; its devices stay.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(
        ClaimsPrincipal user, IFleetStore fleet, CancellationToken cancellationToken, string? limit = null, string? cursor = null)
    {
        var parameters = new Parameters();
        var count = parameters.Limit(limit, 100);
        var after = parameters.Cursor(cursor, 'w', 1);
        if (parameters.Problem is { } problem) return problem;

        var gateways = await fleet.ListGatewaysAsync(user.TenantOf(), after?[0], count + 1, cancellationToken);
        var next = gateways.Count > count ? Cursors.Make('w', gateways[count - 1].Name) : null;
        return TypedResults.Ok(new Page<GatewayView>(
            [.. gateways.Take(count).Select(g => new GatewayView(g.Name, UserNameOf(g.Name), g.TopicFilters, g.Group, g.MayEnroll))], next));
    }

    private static async Task<IResult> CreateAsync(
        NewGateway request, ClaimsPrincipal user, IFleetStore fleet, TimeProvider time, HttpContext context, CancellationToken cancellationToken)
    {
        if (Check(request) is { } problem) return problem;
        if (await fleet.FindGatewayAsync(request.Name!, cancellationToken) is not null) return GatewayProblems.NameTaken(request.Name!);

        var password = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var gateway = new GatewayCredential
        {
            Name = request.Name!,
            Tenant = user.TenantOf(),
            SecretHash = [.. SHA256.HashData(Encoding.UTF8.GetBytes(password))],
            TopicFilters = [.. request.TopicFilters ?? []],
            Group = request.Group,
            MayEnroll = request.MayEnroll ?? true,
        };
        if (!await fleet.PutGatewayAsync(gateway, time.GetUtcNow(), cancellationToken)) return GatewayProblems.NameTaken(gateway.Name);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/api/v1/devices/gateways/{Uri.EscapeDataString(gateway.Name)}", new NewGatewayResponse(UserNameOf(gateway.Name), password));
    }

    private static async Task<IResult> DeleteAsync(string name, ClaimsPrincipal user, IFleetStore fleet, CancellationToken cancellationToken) =>
        await fleet.DeleteGatewayAsync(user.TenantOf(), name, cancellationToken) ? TypedResults.NoContent() : GatewayProblems.NotFound(name);

    private static IResult? Check(NewGateway request)
    {
        var parameters = new Parameters();
        if (request.Name is null) parameters.Refuse("name", "is missing");
        else if (request.Name is "." or "..") parameters.Refuse("name", $"must not be '.' or '..', which no address can hold, was '{request.Name}'");
        else if (!DeviceIds.IsValid(request.Name)) parameters.Refuse("name", $"must be 1 to 64 of A-Z a-z 0-9 . _ : -, was '{request.Name}'");
        if (request.TopicFilters?.Length > MaxFilters) parameters.Refuse("topicFilters", $"must be at most {MaxFilters}, were {request.TopicFilters.Length}");
        foreach (var filter in request.TopicFilters?.Take(MaxFilters) ?? [])
        {
            if (!IsTopicFilter(filter)) parameters.Refuse("topicFilters", $"must be MQTT topic filters, one was '{filter}'");
        }

        if (request.Group is { } group && GroupNames.WhatIsWrong(group) is { } wrong) parameters.Refuse("group", wrong);
        return parameters.Problem;
    }

    /// <summary>MQTT 4.7: <c>#</c> alone in the last level, <c>+</c> alone in its level.</summary>
    internal static bool IsTopicFilter(string? filter)
    {
        if (string.IsNullOrEmpty(filter) || filter.Length > 1_024 || filter.Contains('\0', StringComparison.Ordinal)) return false;
        var levels = filter.Split('/');
        for (var i = 0; i < levels.Length; i++)
        {
            if (levels[i].Contains('#', StringComparison.Ordinal) && (levels[i].Length > 1 || i < levels.Length - 1)) return false;
            if (levels[i].Contains('+', StringComparison.Ordinal) && levels[i].Length > 1) return false;
        }

        return true;
    }

    private static string UserNameOf(string name) => "gateway:" + name;
}
