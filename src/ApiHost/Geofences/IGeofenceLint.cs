using FleetTracker.Storage;

namespace FleetTracker.Geofences;

/// <summary>Finds what is allowed and probably not meant, such as a fence in another hemisphere.</summary>
internal interface IGeofenceLint
{
    IEnumerable<GeofenceWarning> Warnings(GeofenceDraft draft);
}
