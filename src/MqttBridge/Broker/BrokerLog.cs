using MQTTnet.Diagnostics.Logger;

namespace FleetTracker.Mqtt;

/// <summary>Log messages of the broker, ids 2720–2739.</summary>
internal static partial class BrokerLog
{
    [LoggerMessage(2720, LogLevel.Information, "MQTT broker is taking connections")]
    public static partial void Started(ILogger logger);

    [LoggerMessage(2721, LogLevel.Debug, "Connection {ConnectionId}: user {UserName} accepted")]
    public static partial void Accepted(ILogger logger, string connectionId, string userName);

    [LoggerMessage(2722, LogLevel.Information, "Connection {ConnectionId} refused: {Reason}")]
    public static partial void Refused(ILogger logger, string connectionId, string reason);

    [LoggerMessage(2723, LogLevel.Warning, "Credentials could not be checked; clients are told to come again")]
    public static partial void CannotAuthenticate(ILogger logger, Exception problem);

    [LoggerMessage(2724, LogLevel.Warning, "Connection {ConnectionId} of {UserName} closed: {Reason}")]
    public static partial void Broken(ILogger logger, string connectionId, string userName, string reason);

    [LoggerMessage(2725, LogLevel.Information, "Connection {ConnectionId}: subscription refused")]
    public static partial void SubscriptionRefused(ILogger logger, string connectionId);

    [LoggerMessage(2726, LogLevel.Debug, "MQTT server: {Message}")]
    public static partial void Server(ILogger logger, string message, Exception? problem);

    [LoggerMessage(2727, LogLevel.Error, "MQTT server: {Message}")]
    public static partial void ServerFailed(ILogger logger, string message, Exception? problem);
}

/// <summary>MQTTnet's own log: its warnings are about single clients, so only what it calls an error is more than Debug.</summary>
internal sealed class MqttServerLog(ILogger logger) : IMqttNetLogger
{
    public bool IsEnabled => logger.IsEnabled(LogLevel.Error);

    public void Publish(MqttNetLogLevel logLevel, string source, string message, object[] parameters, Exception exception)
    {
        if (logLevel == MqttNetLogLevel.Verbose) return;
        if (logLevel == MqttNetLogLevel.Error) BrokerLog.ServerFailed(logger, Format(message, parameters), exception);
        else if (logger.IsEnabled(LogLevel.Debug)) BrokerLog.Server(logger, Format(message, parameters), exception);
    }

    private static string Format(string message, object[]? parameters) =>
        parameters is { Length: > 0 } ? string.Format(System.Globalization.CultureInfo.InvariantCulture, message, parameters) : message;
}
