using System.Net;
using FleetTracker.Identity;

namespace FleetTracker.Standalone;

/// <summary>What the operator reads at the start.</summary>
internal static class Greeting
{
    public static void WriteReady(TextWriter output, StandaloneArguments arguments)
    {
        output.WriteLine();
        output.WriteLine("FleetTracker is ready.");
        WriteAddresses(output, arguments);
        output.WriteLine();
        output.Flush();
    }

    /// <summary>
    /// Secrets that this start created, once; those that the operator gave are not shown. Written as soon as they are stored: a start that ends before
    /// it is ready is the only one that knows them.
    /// </summary>
    public static void WriteSecrets(TextWriter output, StandaloneArguments arguments, BootstrapResult created, string? newPassword)
    {
        if (!created.AdminCreated && !created.EnrollmentKeyCreated && newPassword is null) return;

        var host = HostName(arguments.Listen);
        output.WriteLine();
        output.WriteLine(created.AdminCreated ? "First start of FleetTracker." : "FleetTracker");
        WriteAddresses(output, arguments);
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

    private static void WriteAddresses(TextWriter output, StandaloneArguments arguments)
    {
        var host = HostName(arguments.Listen);
        output.WriteLine($"  Map and API     http://{host}:{arguments.HttpPort}");
        output.WriteLine($"  API reference   http://{host}:{arguments.HttpPort}/docs");
        output.WriteLine($"  MQTT            {host}:{arguments.MqttPort}");
    }

    private static string HostName(IPAddress listen)
    {
        if (listen.Equals(IPAddress.Any) || listen.Equals(IPAddress.IPv6Any)) return Dns.GetHostName();
        return listen.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{listen}]" : listen.ToString();
    }
}
