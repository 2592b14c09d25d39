using System.Net;
using System.Net.Sockets;

namespace FleetTracker.Standalone;

/// <summary>Tells a busy port in a second instead of after the whole start.</summary>
internal static class Ports
{
    /// <exception cref="StartException">Somebody else listens there, or the address is not this machine's.</exception>
    public static void CheckFree(IPAddress address, int port, string option)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
        }
        catch (SocketException error)
        {
            var reason = error.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => $"port {port} is in use; choose another with {option}.",
                SocketError.AccessDenied => $"port {port} needs more rights than this user has; choose one above 1023 with {option}.",
                SocketError.AddressNotAvailable => $"{address} is not an address of this machine; see --listen.",
                _ => $"{address} port {port} cannot be listened on: {error.Message}",
            };
            throw new StartException(reason, error);
        }
    }
}
