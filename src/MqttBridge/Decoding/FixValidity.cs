using FleetTracker.Geodesy;

namespace FleetTracker.Ingestion;

/// <summary>What a fix alone decides about itself. The clock is an input.</summary>
internal static class FixValidity
{
    /// <summary>Before this no satellite receiver reports a time that means anything.</summary>
    public static readonly DateTimeOffset EarliestFixedAt = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Why a fix of this time is refused, or <c>null</c>.</summary>
    public static string? RefuseTime(DateTimeOffset fixedAt, DateTimeOffset receivedAt, FixOptions options) =>
        fixedAt < EarliestFixedAt ? Refusals.TimeBefore2000
        : fixedAt - receivedAt > options.MaxClockLead ? Refusals.TimeAhead
        : receivedAt - fixedAt > options.Retention ? Refusals.TimeBeyondRetention
        : null;

    /// <summary>Why these coordinates are refused, or <c>null</c>. Two missing ones are a report without a position, not a mistake.</summary>
    public static string? RefusePosition(double? latitude, double? longitude)
    {
        if (latitude is null && longitude is null) return null;
        if (latitude is null) return Refusals.MissingLatitude;
        if (longitude is null) return Refusals.MissingLongitude;
        if (GeoPoint.TryCreate(latitude.Value, longitude.Value, out _)) return null;
        return GeoPoint.TryCreate(latitude.Value, 0, out _) ? Refusals.LongitudeOutOfRange : Refusals.LatitudeOutOfRange;
    }

    public static FixVerdict Judge(double? latitude, double? longitude, DateTimeOffset fixedAt, DateTimeOffset receivedAt, FixOptions options) =>
        latitude is null || longitude is null ? FixVerdict.NoPosition
        : latitude == 0 && longitude == 0 ? FixVerdict.NullIsland
        : receivedAt - fixedAt > options.LateWindow ? FixVerdict.BeyondWindow
        : FixVerdict.Accepted;

    /// <summary>A direction in [0, 360): 360 is north, and what is no direction (−1, 400, NaN) is not given.</summary>
    public static double? Heading(double? degrees) => degrees switch
    {
        >= 0 and < 360 => degrees,
        360 => 0,
        _ => null,
    };

    /// <summary>A quantity that cannot be negative; trackers write −1 for "unknown".</summary>
    public static double? NotNegative(double? value) => value >= 0 ? value : null;

    /// <summary>Judges what a decoder filled in, so that every format passes the same checks.</summary>
    public static void Judge(ref DecodedElement element, in DecodingContext context)
    {
        if (element.IsRefused) return;

        if (RefusePosition(element.Latitude, element.Longitude) is { } badPosition)
        {
            element.Refuse(badPosition, string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"The position is latitude {Show(element.Latitude)}, longitude {Show(element.Longitude)}."));
            return;
        }

        element.FixedAt = element.FixedAt.ToStored();
        if (RefuseTime(element.FixedAt, context.ReceivedAt, context.Fixes) is { } badTime)
        {
            element.Refuse(badTime, string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"The fix time is {element.FixedAt:yyyy-MM-ddTHH:mm:ss.ffffffZ}, received at {context.ReceivedAt:yyyy-MM-ddTHH:mm:ss.ffffffZ}."));
            return;
        }

        element.Verdict = Judge(element.Latitude, element.Longitude, element.FixedAt, context.ReceivedAt, context.Fixes);
        element.HeadingDegrees = Heading(element.HeadingDegrees);
        element.SpeedMetersPerSecond = NotNegative(element.SpeedMetersPerSecond);
        element.AccuracyMeters = NotNegative(element.AccuracyMeters);
        element.OdometerMeters = NotNegative(element.OdometerMeters);
    }

    private static string Show(double? value) => value?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "not given";
}
