using System.Collections.Concurrent;
using FleetTracker.LiveMap;
using FleetTracker.Storage;
using Microsoft.Extensions.Options;

namespace FleetTracker.Identity;

/// <summary>
/// Sessions that ended while their access tokens still hold, and API tokens that were revoked, on whichever host: their tokens are refused here and their live
/// connections closed. The store is asked every <see cref="AuthOptions.SessionPoll"/>, two questions for all of them. While it does not answer, tokens hold until they expire.
/// </summary>
internal sealed partial class EndedSessions(
    IAccountStore accounts, IApiTokenStore tokens, LiveConnections connections, IOptions<AuthOptions> options, TimeProvider time, ILogger<EndedSessions> logger) : BackgroundService
{
    // Clocks of hosts differ, and a transaction takes a moment between its clock and its end.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, DateTimeOffset> _ended = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _looking = new(1);
    private DateTimeOffset? _seenThrough;
    private bool _isFailing;

    public bool Contains(string sessionId) => _ended.ContainsKey(sessionId);

    /// <summary>A session that was ended here a moment ago.</summary>
    public void Add(string sessionId)
    {
        if (_ended.TryAdd(sessionId, time.GetUtcNow())) connections.CloseSession(sessionId);
    }

    /// <summary>Asks the store at once: whoever ends sessions waits for this, so that the next request of theirs is refused here.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            var holds = TimeSpan.FromMinutes(options.Value.AccessTokenMinutes) + Overlap;
            var since = (_seenThrough ?? now - holds) - Overlap;
            foreach (var sessionId in await accounts.ListEndedSessionsAsync(since, cancellationToken)) Add(sessionId);
            foreach (var tokenId in await tokens.ListRevokedAsync(since, cancellationToken)) Add(ApiTokenAuthentication.SessionOf(tokenId));
            _seenThrough = now;
            foreach (var (sessionId, endedAt) in _ended)
                if (now - endedAt > holds) _ended.TryRemove(sessionId, out _);
        }
        finally
        {
            _looking.Release();
        }
    }

    public override void Dispose()
    {
        _looking.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SessionPoll, time);
        try
        {
            do
            {
                try
                {
                    await LookAsync(stoppingToken);
                    if (_isFailing) LogAgain();
                    _isFailing = false;
                }
                catch (Exception error) when (!stoppingToken.IsCancellationRequested)
                {
                    if (!_isFailing) LogFailed(error);
                    _isFailing = true;
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    [LoggerMessage(2531, LogLevel.Warning, "Sessions that end on other hosts are not learned of: the identity store does not answer; access tokens hold until they expire")]
    private partial void LogFailed(Exception error);

    [LoggerMessage(2532, LogLevel.Information, "Sessions that end on other hosts are learned of again")]
    private partial void LogAgain();
}
