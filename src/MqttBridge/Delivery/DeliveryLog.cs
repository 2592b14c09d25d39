namespace FleetTracker.Ingestion;

/// <summary>Log messages of the delivery, ids 2700–2719.</summary>
internal static partial class DeliveryLog
{
    [LoggerMessage(2700, LogLevel.Warning, "Batch {BatchId} of lane {Lane} could not be published; it will be published again")]
    public static partial void BatchNotPublished(ILogger logger, int lane, Guid batchId, Exception problem);

    [LoggerMessage(2701, LogLevel.Warning, "The registry could not be asked ({Call}); trying again in {Delay}")]
    public static partial void RegistryFailed(ILogger logger, string call, TimeSpan delay, Exception problem);

    [LoggerMessage(2702, LogLevel.Debug, "A message of {DeviceId} was refused: {Reason}")]
    public static partial void Refused(ILogger logger, string deviceId, string reason);

    [LoggerMessage(2703, LogLevel.Information, "Ingesting over {Lanes} lanes")]
    public static partial void Started(ILogger logger, int lanes);

    [LoggerMessage(2704, LogLevel.Error, "A message of {DeviceId} was not handled; it stays unacknowledged")]
    public static partial void NotHandled(ILogger logger, string deviceId, Exception problem);

    [LoggerMessage(2706, LogLevel.Error, "A message is stored and could not be acknowledged; its sender sends it again")]
    public static partial void NotAcknowledged(ILogger logger, Exception problem);

    [LoggerMessage(2705, LogLevel.Warning, "Reading paused: {Count} fixes are not acknowledged")]
    public static partial void WindowFull(ILogger logger, int count);
}
