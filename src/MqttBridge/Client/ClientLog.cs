namespace FleetTracker.Mqtt;

/// <summary>Log messages of client mode, ids 2740–2749.</summary>
internal static partial class ClientLog
{
    [LoggerMessage(2740, LogLevel.Information, "Connected to the broker as {ClientId}, session {SessionState}")]
    public static partial void Connected(ILogger logger, string clientId, string sessionState);

    [LoggerMessage(2741, LogLevel.Warning, "Not connected to the broker as {ClientId}; trying again in {Delay}")]
    public static partial void Disconnected(ILogger logger, string clientId, TimeSpan delay, Exception? problem);

    [LoggerMessage(2742, LogLevel.Warning, "The broker refused the subscription {Filter} of {ClientId}: {Code}")]
    public static partial void SubscriptionRefused(ILogger logger, string clientId, string filter, string code);

    [LoggerMessage(2743, LogLevel.Debug, "An acknowledgement of {ClientId} did not reach the broker; the message comes again")]
    public static partial void NotAcknowledged(ILogger logger, string clientId, Exception problem);
}
