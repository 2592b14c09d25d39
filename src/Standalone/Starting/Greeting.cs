using System.Net;
using FleetTracker.Identity;

namespace FleetTracker.Standalone;

/// <summary>What the operator reads when the server is ready. Secrets that this start created are in it, once; those that the operator gave are not.</summary>
internal static class Greeting
{
    public static void Write(TextWriter output, StandaloneArguments arguments, BootstrapResult created, string? newPassword)
    {
        var host = HostName(arguments.Listen);
        output.WriteLine();
        output.WriteLine("FleetTracker is ready.");
        output.WriteLine($"  Map and API     http://{host}:{arguments.HttpPort}");
        output.WriteLine($"  API reference   http://{host}:{arguments.HttpPort}/docs");
        output.WriteLine($"  MQTT            {host}:{arguments.MqttPort}");
        if (created.AdminCreated || newPassword is not null)
        {
            output.WriteLine("  User            admin");
            output.WriteLine($"  Password        {newPassword ?? created.GeneratedPassword ?? "(as given in FLEETTRACKER_ADMIN_PASSWORD)"}");
        }

        if (created.EnrollmentKeyCreated)
        {
            var key = created.GeneratedEnrollmentKey;
            output.WriteLine($"  Enrollment key  {key ?? "(as given in FLEETTRACKER_ENROLMENT_KEY)"}");
            output.WriteLine();
            output.WriteLine("Connect a first tracker:");
            output.WriteLine($"  mosquitto_pub -h {host} -p {arguments.MqttPort} -q 1 -u truck-1 -P {key ?? "\"$FLEETTRACKER_ENROLMENT_KEY\""} \\");
            output.WriteLine("    -t fleet/truck-1/position -m '{\"lat\":60.1699,\"lon\":24.9384,\"speed\":12.5,\"heading\":90}'");
        }

        if (created.GeneratedPassword is not null || created.GeneratedEnrollmentKey is not null || newPassword is not null)
        {
            output.WriteLine();
            output.WriteLine("These secrets are not stored readable and are not shown again.");
        }

        output.WriteLine();
        output.Flush();
    }

    private static string HostName(IPAddress listen)
    {
        if (listen.Equals(IPAddress.Any) || listen.Equals(IPAddress.IPv6Any)) return Dns.GetHostName();
        return listen.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{listen}]" : listen.ToString();
    }
}
