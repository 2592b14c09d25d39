using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

[assembly: AssemblyFixture(typeof(FleetTracker.Tests.PostgreSqlServer))]

namespace FleetTracker.Tests;

/// <summary>
/// The server that the tests use: the one in <c>FLEETTRACKER_TEST_POSTGRES</c>, else one that is started here for the run and stopped with
/// it. A machine without PostgreSQL fails the tests.
/// </summary>
public sealed class PostgreSqlServer : IAsyncLifetime
{
    private Func<Task>? _stop;

    public string ConnectionString { get; private set; } = "";

    public async ValueTask InitializeAsync() =>
        ConnectionString = Environment.GetEnvironmentVariable("FLEETTRACKER_TEST_POSTGRES") is { Length: > 0 } given ? given : await StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_stop is not null) await _stop();
    }

    private async Task<string> StartAsync()
    {
        var programs = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(folder => Path.Combine(folder, "bin")).Where(bin => File.Exists(Path.Combine(bin, "postgres"))).Order(StringComparer.Ordinal).LastOrDefault()
            : null;
        if (programs is null)
            throw new InvalidOperationException("PostgreSQL is needed: set FLEETTRACKER_TEST_POSTGRES, or install the package 'postgresql'");

        var folder = Directory.CreateTempSubdirectory("fleettracker-postgres-").FullName;
        var data = Path.Combine(folder, "data");
        if (Environment.IsPrivilegedProcess) await RunAsync("chown", "postgres", folder);
        await RunAsPostgresAsync(Path.Combine(programs, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8");
        var port = FreePort();
        await RunAsPostgresAsync(
            Path.Combine(programs, "pg_ctl"), "-D", data, "-w", "-l", Path.Combine(folder, "server.log"), "-o",
            $"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200", "start");
        _stop = async () =>
        {
            await RunAsPostgresAsync(Path.Combine(programs, "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop");
            Directory.Delete(folder, recursive: true);
        };
        return $"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres";
    }

    private static Task RunAsPostgresAsync(string program, params string[] arguments) => Environment.IsPrivilegedProcess
        ? RunAsync("runuser", ["-u", "postgres", "--", program, .. arguments])
        : RunAsync(program, arguments);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // The server inherits what it is started with, so its output must not be a pipe that is read to its end.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/", ArgumentList = { "-c", "exec \"$0\" \"$@\" >/dev/null 2>&1 </dev/null", program } };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
