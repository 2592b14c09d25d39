using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;

namespace FleetTracker.Hosting;

public static class HttpEndpoints
{
    /// <summary>
    /// Opens the addresses of the setting <c>Urls</c> in code, for a host that opens other ports in code as well: Kestrel ignores the setting then.
    /// </summary>
    public static void ListenOnUrls(this KestrelServerOptions kestrel, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(kestrel);
        ArgumentNullException.ThrowIfNull(configuration);
        foreach (var url in (configuration["Urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var address = BindingAddress.Parse(url);
            if (address.Host is "*" or "+" or "0.0.0.0" or "[::]") kestrel.ListenAnyIP(address.Port);
            else if (address.Host is "localhost") kestrel.ListenLocalhost(address.Port);
            else if (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip)) kestrel.Listen(ip, address.Port);
            else throw new FormatException($"Urls must name IP addresses, localhost or *, was '{url}'.");
        }
    }
}
