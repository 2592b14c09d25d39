using FleetTracker.Ingestion;
using FleetTracker.Outcomes;

namespace FleetTracker.Vehicles;

/// <summary>Trips and stops as they are written. What is open says only what does not change while it is.</summary>
internal static class TripDrafts
{
    public static OutcomeDraft OpenTrip(in MotionState motion, PositionKey through)
    {
        var start = motion.TripStart;
        return new OutcomeDraft(OutcomeType.Trip, "trip", "", start.Key)
        {
            Through = through,
            State = OutcomeState.Open,
            Evidence = Evidence.Of(json =>
            {
                json.Point("start", start);
                json.Fixes(start);
            }),
        };
    }

    public static OutcomeDraft Trip(in MotionState motion, string reason, VehicleOptions options, PositionKey through)
    {
        var trip = motion;
        var (start, end) = (trip.TripStart, trip.Stay);
        return new OutcomeDraft(OutcomeType.Trip, "trip", "", start.Key)
        {
            EndedAt = end.At,
            Through = through,
            State = OutcomeState.Closed,
            Evidence = Evidence.Of(json =>
            {
                var duration = end.At - start.At;
                var distance = Math.Max(trip.StayMeters - trip.TripStartMeters, 0);
                json.Point("start", start);
                json.Point("end", end);
                json.Number("distance", distance);
                json.Seconds("duration", duration);
                json.Number("maxSpeed", trip.MaxSpeedMetersPerSecond);
                json.Number("averageSpeed", duration > TimeSpan.Zero ? distance / duration.TotalSeconds : 0);
                json.Seconds("idleTime", trip.Idle);
                json.WriteString("endReason", reason);
                json.Fixes(start, end);
                Thresholds(json, options);
            }),
        };
    }

    public static OutcomeDraft OpenStop(in MotionState motion, PositionKey through)
    {
        var start = motion.StopStart;
        return new OutcomeDraft(OutcomeType.Stop, "stop", "", start.Key)
        {
            Through = through,
            State = OutcomeState.Open,
            Evidence = Evidence.Of(json => Place(json, start)),
        };
    }

    public static OutcomeDraft Stop(in MotionState motion, VehicleOptions options, PositionKey through)
    {
        var stop = motion;
        return new OutcomeDraft(OutcomeType.Stop, "stop", "", stop.StopStart.Key)
        {
            EndedAt = stop.TripStart.At,
            Through = through,
            State = OutcomeState.Closed,
            Evidence = Evidence.Of(json =>
            {
                Place(json, stop.StopStart);
                json.Seconds("duration", stop.TripStart.At - stop.StopStart.At);
                json.Seconds("idleTime", stop.IdleInStop);
                Thresholds(json, options);
            }),
        };
    }

    private static void Place(System.Text.Json.Utf8JsonWriter json, Place start)
    {
        json.WriteNumber("lat", start.Latitude);
        json.WriteNumber("lon", start.Longitude);
        json.Fixes(start);
    }

    private static void Thresholds(System.Text.Json.Utf8JsonWriter json, VehicleOptions options)
    {
        json.WriteStartObject("thresholds");
        json.Seconds("minStopDuration", options.MinStopDuration);
        json.Seconds("tripSilence", options.TripSilence);
        json.Number("standRadius", options.StandRadiusMeters);
        json.Number("minTripDistance", options.MinTripDistanceMeters);
        json.Seconds("minTripDuration", options.MinTripDuration);
        json.WriteEndObject();
    }
}
