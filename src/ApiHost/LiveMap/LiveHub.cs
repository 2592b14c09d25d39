using System.Globalization;
using System.Security.Claims;
using FleetTracker.Identity;
using FleetTracker.Problems;
using FleetTracker.Storage;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Options;

namespace FleetTracker.LiveMap;

/// <summary>The live map's hub. Its methods only say what to show; what is sent comes from the connection's own loop.</summary>
[Authorize(Policy = Access.Read)]
internal sealed partial class LiveHub(
    LiveConnections connections,
    LiveReplicas replicas,
    LiveFeed feed,
    IFleetStore fleet,
    IHubContext<LiveHub> hub,
    LiveRefusals refusals,
    IOptions<LiveMapOptions> options,
    LiveMapMetrics metrics,
    TimeProvider time,
    ILogger<LiveHub> logger) : Hub
{
    public override async Task OnConnectedAsync()
    {
        if (TryAdmit(out var refusal) is { } connection)
        {
            // The loop outlives this object, so it sends through the hub's context.
            Observe(connection.RunAsync(hub.Clients.Client(connection.Id), Context.ConnectionAborted), connection);
            return;
        }

        LogRefused(logger, refusal);
        await refusals.CloseAsync(Context.ConnectionId, refusal);
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        connections.Remove(Context.ConnectionId);
        return Task.CompletedTask;
    }

    public void Watch(WatchRequest? request)
    {
        if (request is null) throw new HubException("Watch needs a viewport with west, south, east, north and zoom, was null.");
        string?[] missing =
        [
            request.West is null ? "west" : null, request.South is null ? "south" : null, request.East is null ? "east" : null,
            request.North is null ? "north" : null, request.Zoom is null ? "zoom" : null,
        ];
        if (missing.OfType<string>().ToList() is { Count: > 0 } names) throw new HubException($"The viewport lacks {string.Join(", ", names)}.");
        if (!Viewport.TryCreate(
            request.West!.Value, request.South!.Value, request.East!.Value, request.North!.Value, request.Zoom!.Value, out var view, out var error))
        {
            throw new HubException($"The viewport is not valid: {error}.");
        }

        var connection = Connection();
        connection.Replica.Watch(connection.View, view);
    }

    /// <summary>Shows a vehicle wherever it is, besides the viewport; <c>null</c> stops that.</summary>
    [HubMethodName("Follow")]
    public async Task FollowAsync(string? vehicleId)
    {
        var connection = Connection();
        var isKnown = string.IsNullOrEmpty(vehicleId) || connection.Replica.Read([vehicleId])[0].Live is not null
            || (vehicleId.Length <= 64 && await IsRegisteredAsync(connection.User.Tenant, vehicleId));
        if (!isKnown) throw new HubException($"There is no vehicle '{(vehicleId!.Length <= 64 ? vehicleId : vehicleId[..64])}'.");
        connection.Replica.Follow(connection.View, string.IsNullOrEmpty(vehicleId) ? null : vehicleId);
    }

    public void Unwatch()
    {
        var connection = Connection();
        connection.Replica.Unwatch(connection.View);
    }

    private LiveConnection Connection() => connections.Find(Context.ConnectionId) ?? throw new HubException("The connection is closing.");

    private async Task<bool> IsRegisteredAsync(string tenant, string vehicleId)
    {
        try
        {
            return await fleet.FindVehicleAsync(tenant, vehicleId, Context.ConnectionAborted) is not null;
        }
        catch (Exception exception) when (FailureHandler.IsUnavailable(exception))
        {
            throw new HubException("The registry does not answer at the moment; try again.", exception);
        }
    }

    private LiveConnection? TryAdmit(out string refusal)
    {
        try
        {
            var user = UserOf(Context.User!);
            var connection = new LiveConnection(
                Context.ConnectionId, user, replicas.Attach(user.Tenant), feed.Freshness, options.Value, metrics, time, Context.Abort);
            refusal = connections.Add(connection) ?? "";
            if (refusal.Length == 0) return connection;
            connection.Replica.Detach(connection.View);
            return null;
        }
        catch (ReplicaUnavailableException)
        {
            refusal = "This host follows as many fleets as it takes.";
            return null;
        }
    }

    private static LiveUser UserOf(ClaimsPrincipal user) => new(
        user.TenantOf(),
        user.FindFirstValue(FleetClaims.Subject) ?? "",
        user.FindFirstValue(FleetClaims.Session),
        user.FindFirstValue("exp") is { } expires
            ? DateTimeOffset.FromUnixTimeSeconds(long.Parse(expires, CultureInfo.InvariantCulture))
            : DateTimeOffset.MaxValue);

    private void Observe(Task loop, LiveConnection connection)
    {
        var log = logger;
        _ = loop.ContinueWith(
            failed =>
            {
                LogFailed(log, failed.Exception!);
                connection.Abort();
            },
            CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    [LoggerMessage(2911, LogLevel.Warning, "A live connection was closed because sending to it failed")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(2912, LogLevel.Warning, "A live connection was refused: {Reason}")]
    private static partial void LogRefused(ILogger logger, string reason);
}
