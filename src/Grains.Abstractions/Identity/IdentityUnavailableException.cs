namespace FleetTracker.Identity;

/// <summary>
/// The identity store did not answer, so nothing was decided: neither granted nor refused. Trying again later is right. Drivers' own
/// exceptions do not survive the way from silo to host, this one does.
/// </summary>
[GenerateSerializer, Alias("IdentityUnavailableException")]
public sealed class IdentityUnavailableException(string message) : Exception(message);
