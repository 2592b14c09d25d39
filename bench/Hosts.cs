using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FleetTracker.Simulation;

namespace FleetTracker.Bench;

/// <summary>
/// How every host is started: the one place that knows command lines, settings and folders. Everything listens on loopback and keeps its
/// data in a folder that goes away with it.
/// </summary>
/// <param name="standalonePath">FleetTracker.Standalone.dll, or <c>null</c> for the one of this repository.</param>
/// <param name="savesEveryChange">Mosquitto as we ship it, which saves its memory with every change; else as it comes, every half hour.</param>
internal sealed class Hosts(string? standalonePath, bool savesEveryChange = false)
{
    public const string AdminPassword = "bench-admin-password";
    private const string EnrollmentKey = "bench-enrollment-key";
    private const string Tenant = "default";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);

    public async Task<RunningServer> StartStandaloneAsync(CancellationToken cancellationToken)
    {
        var server = new RunningServer { MqttPort = FreePort(), EnrollmentKey = EnrollmentKey };
        try
        {
            var httpPort = FreePort();
            server.Http = new Uri($"http://127.0.0.1:{httpPort}/");
            var process = server.Add(ChildProcess.Start(
                "standalone", "dotnet",
                [HostPath("Standalone", standalonePath), "--data", server.Folder("data"), "--http-port", Text(httpPort), "--mqtt-port", Text(server.MqttPort)],
                new Dictionary<string, string> { ["FLEETTRACKER_ADMIN_PASSWORD"] = AdminPassword, ["FLEETTRACKER_ENROLMENT_KEY"] = EnrollmentKey }));
            await process.HealthyAsync(new Uri(server.Http, "health/ready"), StartPatience, cancellationToken);
            server.Gateway = await server.AdminApi().CreateGatewayAsync("bench", cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public static async Task<RunningServer> StartBareServerAsync(CancellationToken cancellationToken)
    {
        var server = new RunningServer { MqttPort = FreePort() };
        await StartSelfAsync(server, "bare-server", cancellationToken);
        return server;
    }

    /// <summary>Mosquitto with a subscriber that acknowledges and forgets: what the chain is measured against.</summary>
    public async Task<RunningServer> StartMosquittoAsync(CancellationToken cancellationToken)
    {
        var server = new RunningServer { MqttPort = FreePort() };
        try
        {
            await StartMosquittoAsync(server, cancellationToken);
            var subscriber = await StartSelfAsync(server, "null-subscriber", cancellationToken);
            server.Delivered = _ => Task.FromResult(long.Parse(subscriber.LastLine is "ready" ? "0" : subscriber.LastLine, CultureInfo.InvariantCulture));
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Mosquitto, a bridge in client mode, two silos and PostgreSQL.</summary>
    public async Task<RunningServer> StartChainAsync(CancellationToken cancellationToken)
    {
        var server = new RunningServer { MqttPort = FreePort() };
        try
        {
            await StartMosquittoAsync(server, cancellationToken);
            var database = await StartPostgresAsync(server, cancellationToken);
            var common = new Dictionary<string, string> { ["DATABASE_URL"] = database, ["FLEETTRACKER_ADMIN_PASSWORD"] = AdminPassword };
            await ChildProcess.RunAsync("migrate", "dotnet", [HostPath("Silo"), "migrate"], common, cancellationToken);
            for (var i = 1; i <= 2; i++) await StartSiloAsync(server, $"silo-{i}", common, cancellationToken);

            // The API host makes the first tenant; afterwards it only serves maps, and there are none.
            await StartWebHostAsync(server, "ApiHost", common, cancellationToken);
            var bridge = await StartWebHostAsync(server, "MqttBridge", new Dictionary<string, string>(common)
            {
                ["Mqtt__Mode"] = "Client",
                ["Mqtt__Client__Host"] = "127.0.0.1",
                ["Mqtt__Client__Port"] = Text(server.MqttPort),
                ["Mqtt__Client__Tenant"] = Tenant,
                ["Mqtt__Client__AutoRegister"] = "true",
            }, cancellationToken);
            server.Delivered = cancel => CommittedAsync(new Uri(bridge, "metrics"), cancel);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private static async Task<ChildProcess> StartSelfAsync(RunningServer server, string command, CancellationToken cancellationToken)
    {
        var child = server.Add(ChildProcess.Start(
            command, "dotnet", [typeof(Hosts).Assembly.Location, command, "--mqtt-port", Text(server.MqttPort)], readyLine: "ready"));
        await child.PrintedAsync(StartPatience, cancellationToken);
        return child;
    }

    private async Task StartMosquittoAsync(RunningServer server, CancellationToken cancellationToken)
    {
        var settings = Path.Combine(server.Folder("mosquitto"), "mosquitto.conf");
        await File.WriteAllTextAsync(settings, $"""
            listener {server.MqttPort} 127.0.0.1
            allow_anonymous true
            persistence true
            persistence_location {server.Folder("mosquitto")}/
            {(savesEveryChange ? "autosave_on_changes true" : "")}
            autosave_interval {(savesEveryChange ? 1 : 1800)}
            max_inflight_messages 0
            max_queued_messages 0
            max_queued_bytes 1073741824
            set_tcp_nodelay true
            user root
            """, cancellationToken);
        var program = File.Exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto";
        var child = server.Add(ChildProcess.Start("mosquitto", program, ["-c", settings], readyLine: "running"));
        await child.PrintedAsync(StartPatience, cancellationToken);
    }

    private static async Task<string> StartPostgresAsync(RunningServer server, CancellationToken cancellationToken)
    {
        var programs = Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(folder => Path.Combine(folder, "bin")).First();
        var data = server.Folder("postgres");
        // PostgreSQL refuses to run as root.
        string[] asUser = Environment.UserName == "root" ? ["runuser", "-u", "postgres", "--"] : [];
        if (asUser.Length > 0)
        {
            await ChildProcess.RunAsync("chmod", "chmod", ["755", Path.GetDirectoryName(data)!], null, cancellationToken);
            await ChildProcess.RunAsync("chown", "chown", ["postgres", data], null, cancellationToken);
        }

        string[] initialize = [.. asUser, Path.Combine(programs, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"];
        await ChildProcess.RunAsync("initdb", initialize[0], initialize[1..], null, cancellationToken);

        var port = FreePort();
        string[] run =
        [
            .. asUser, Path.Combine(programs, "postgres"), "-D", data, "-p", Text(port), "-c", "listen_addresses=127.0.0.1",
            "-c", "unix_socket_directories=", "-c", "max_connections=200", "-c", "shared_buffers=512MB",
        ];
        var child = server.Add(ChildProcess.Start("postgres", run[0], run[1..], readyLine: "ready to accept connections"));
        await child.PrintedAsync(StartPatience, cancellationToken);
        return $"postgresql://postgres@127.0.0.1:{port}/postgres";
    }

    private static async Task StartSiloAsync(RunningServer server, string name, Dictionary<string, string> common, CancellationToken cancellationToken)
    {
        var health = new Uri($"http://127.0.0.1:{FreePort()}/");
        var child = server.Add(ChildProcess.Start(name, "dotnet", [HostPath("Silo")], new Dictionary<string, string>(common)
        {
            ["Urls"] = health.ToString(),
            ["Silo__Port"] = Text(FreePort()),
            ["Silo__GatewayPort"] = Text(FreePort()),
            ["Silo__AdvertisedAddress"] = "127.0.0.1",
        }));
        await child.HealthyAsync(new Uri(health, "health/ready"), StartPatience, cancellationToken);
    }

    private static async Task<Uri> StartWebHostAsync(
        RunningServer server, string project, Dictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}/");
        var child = server.Add(ChildProcess.Start(
            project, "dotnet", [HostPath(project)], new Dictionary<string, string>(environment) { ["Urls"] = address.ToString() }));
        await child.HealthyAsync(new Uri(address, "health/ready"), StartPatience, cancellationToken);
        return address;
    }

    private static async Task<long> CommittedAsync(Uri metrics, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        return IngestionMetric.Parse(await http.GetStringAsync(metrics, cancellationToken)).Values.Sum();
    }

    /// <summary>The built program: as given, or that of the repository around this one, in the same configuration.</summary>
    private static string HostPath(string project, string? given = null)
    {
        if (given is not null) return Path.GetFullPath(given);

        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        var configuration = folder.Parent!.Name;
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "FleetTracker.sln"))) folder = folder.Parent;
        var path = Path.Combine(folder?.FullName ?? "", "src", project, "bin", configuration, "net10.0", $"FleetTracker.{project}.dll");
        return File.Exists(path) ? path : throw new FileNotFoundException($"Build {project} first (dotnet build -c {configuration}); it is not at {path}.");
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What is under test, with everything that was started for it.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fleettracker-bench-").FullName;
    private readonly List<ChildProcess> _processes = [];
    private readonly HttpClient _http = new();

    public required int MqttPort { get; init; }

    public Uri? Http { get; set; }

    public MqttCredentials Gateway { get; set; } = MqttCredentials.Anonymous;

    public string? EnrollmentKey { get; init; }

    /// <summary>Counts what has arrived at the end of a chain; <c>null</c> when the acknowledgement itself says so.</summary>
    public Func<CancellationToken, Task<long>>? Delivered { get; set; }

    public ChildProcess Add(ChildProcess process)
    {
        _processes.Add(process);
        return process;
    }

    /// <summary>A folder that is removed with the server.</summary>
    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    public FleetApiClient AdminApi() => new(_http, Http!, "admin", Hosts.AdminPassword, TimeProvider.System);

    /// <summary>Of all its processes together.</summary>
    public ProcessUsage Usage() =>
        _processes.Select(process => process.Usage()).Aggregate((sum, one) => new ProcessUsage(sum.Cpu + one.Cpu, sum.RssMegabytes + one.RssMegabytes));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes)) await process.DisposeAsync();
        _http.Dispose();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
        {
            Debug.WriteLine(busy.Message);
        }
    }
}
