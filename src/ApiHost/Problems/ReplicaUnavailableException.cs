namespace FleetTracker.Problems;

/// <summary>The live picture of a tenant has not been loaded yet; an answer made of it would look like an empty fleet.</summary>
internal sealed class ReplicaUnavailableException() : Exception("the live picture is not loaded yet");
