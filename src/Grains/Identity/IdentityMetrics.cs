using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace FleetTracker.Identity;

/// <summary>Sign-ins, refreshes and ended sessions.</summary>
internal sealed class IdentityMetrics
{
    public const string MeterName = "FleetTracker.Identity";

    private readonly Counter<long> _signIns;
    private readonly Counter<long> _refreshes;
    private readonly Counter<long> _reused;

    public IdentityMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _signIns = meter.CreateCounter<long>("fleettracker.identity.sign_ins", "{attempt}", "Sign-in attempts, by outcome.");
        _refreshes = meter.CreateCounter<long>("fleettracker.identity.refreshes", "{attempt}", "Refresh attempts, by outcome.");
        _reused = meter.CreateCounter<long>("fleettracker.identity.reused_tokens", "{session}", "Sessions ended by a refresh token that came back.");
    }

    public void SignedIn(SignInStatus status) => _signIns.Add(1, Outcome(status));

    public void Refreshed(SignInStatus status) => _refreshes.Add(1, Outcome(status));

    public void Reused() => _reused.Add(1);

    private static KeyValuePair<string, object?> Outcome(SignInStatus status) => new("outcome", status switch
    {
        SignInStatus.Granted => "granted",
        SignInStatus.BadCredentials => "bad_credentials",
        SignInStatus.TooManyAttempts => "too_many_attempts",
        _ => throw new UnreachableException(),
    });
}
