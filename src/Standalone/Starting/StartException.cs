namespace FleetTracker.Standalone;

/// <summary>The server cannot start; the message is the one line that the operator sees.</summary>
internal sealed class StartException(string message, Exception? inner = null) : IOException(message, inner);
