using System.Globalization;
using FleetTracker.Testing;
using Npgsql;

namespace FleetTracker.Cluster;

/// <summary>
/// The three roles as processes on a PostgreSQL database of their own: two silos, an API host, a bridge that trackers connect to, and a bridge
/// behind Mosquitto.
/// </summary>
internal sealed class ClusterRig : IAsyncDisposable
{
    public const string Password = "crash-test-password";
    public const string Key = "crash-test-enrollment-key";
    public const string BrokerUser = "tracker";
    public const string BrokerPassword = "crash-test-broker-password";

    private static readonly TimeSpan Start = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _folder = new();
    private readonly string _server = Environment.GetEnvironmentVariable("FLEETTRACKER_TEST_POSTGRES")
        ?? throw new InvalidOperationException("FLEETTRACKER_TEST_POSTGRES names the server for these tests; ./test starts one and sets it.");

    private readonly string _database = $"crash_{Guid.NewGuid():n}";
    private readonly List<RealProcess> _processes = [];

    public int ApiPort { get; } = FreePorts.Next();

    /// <summary>Where trackers reach the bridge in broker mode.</summary>
    public int MqttPort { get; } = FreePorts.Next();

    /// <summary>Where trackers reach Mosquitto.</summary>
    public int MosquittoPort { get; } = FreePorts.Next();

    public string ConnectionString => new NpgsqlConnectionStringBuilder(_server) { Database = _database }.ConnectionString;

    public RealProcess Mosquitto { get; private set; } = null!;

    public Member FirstSilo { get; private set; } = null!;

    public Member SecondSilo { get; private set; } = null!;

    public Member Bridge { get; private set; } = null!;

    public Member ClientBridge { get; private set; } = null!;

    public Member Api { get; private set; } = null!;

    public string Outputs => string.Join("\n", _processes.Where(process => !process.HasExited).Select(process => $"--- {process.Name}\n{Last(process.Output)}"));

    public static async Task<ClusterRig> StartAsync()
    {
        var rig = new ClusterRig();
        try
        {
            await rig.StartAllAsync();
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    public async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes)) await process.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        await ExecuteAsync($"DROP DATABASE IF EXISTS {_database} WITH (FORCE)");
        _folder.Dispose();
    }

    private static string Last(string output) => output.Length > 3000 ? output[^3000..] : output;

    private async Task StartAllAsync()
    {
        await ExecuteAsync($"CREATE DATABASE {_database}");
        await using (var migrator = RealProcess.Start("migrator", "dotnet", [Repository.Host("Silo"), "migrate"], Common()))
        {
            var exit = await migrator.ExitAsync(Start);
            Assert.True(exit == 0, migrator.Output);
        }

        await StartMosquittoAsync();
        FirstSilo = Silo("silo 1");
        SecondSilo = Silo("silo 2");
        await Task.WhenAll(FirstSilo.StartAsync(Start), SecondSilo.StartAsync(Start));

        Api = NewMember("api", "ApiHost", ApiPort, [new("FLEETTRACKER_ADMIN_PASSWORD", Password), new("FLEETTRACKER_ENROLMENT_KEY", Key)]);
        Bridge = BridgeMember("bridge", new() { ["Mqtt__Mode"] = "Broker", ["Mqtt__Listen"] = "127.0.0.1", ["Mqtt__Port"] = Text(MqttPort) });
        ClientBridge = BridgeMember("bridge behind mosquitto", new()
        {
            ["Mqtt__Mode"] = "Client", ["Mqtt__Client__Host"] = "127.0.0.1", ["Mqtt__Client__Port"] = Text(MosquittoPort), ["Mqtt__Client__UserName"] = BrokerUser,
            ["Mqtt__Client__Password"] = BrokerPassword, ["Mqtt__Client__Tenant"] = "default", ["Mqtt__Client__AutoRegister"] = "true",
        });
        await Api.StartAsync(Start);
        await Task.WhenAll(Bridge.StartAsync(Start), ClientBridge.StartAsync(Start));
    }

    private Member Silo(string name) => NewMember(name, "Silo", FreePorts.Next(),
        [new("Silo__Port", Text(FreePorts.Next())), new("Silo__GatewayPort", Text(FreePorts.Next())), new("Silo__AdvertisedAddress", "127.0.0.1")]);

    private Member BridgeMember(string name, Dictionary<string, string> settings) => NewMember(name, "MqttBridge", FreePorts.Next(), settings);

    private Member NewMember(string name, string host, int port, IEnumerable<KeyValuePair<string, string>> settings)
    {
        List<KeyValuePair<string, string>> environment = [.. Common(), .. settings, new("Urls", $"http://127.0.0.1:{port}")];
        return new Member(name, new Uri($"http://127.0.0.1:{port}/health/ready"), () =>
        {
            var process = RealProcess.Start(name, "dotnet", [Repository.Host(host)], environment);
            _processes.Add(process);
            return process;
        });
    }

    private Dictionary<string, string> Common() => new() { ["Storage__Provider"] = "PostgreSql", ["Storage__ConnectionString"] = ConnectionString };

    private async Task StartMosquittoAsync()
    {
        var state = Path.Combine(_folder, "mosquitto");
        Directory.CreateDirectory(state);
        var passwords = Path.Combine(_folder, "passwords");
        await using (var mkpasswd = RealProcess.Start("mosquitto_passwd", "mosquitto_passwd", ["-b", "-c", passwords, BrokerUser, BrokerPassword]))
            Assert.Equal(0, await mkpasswd.ExitAsync(Start));

        // The shipped settings, with what belongs to this run.
        var shipped = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "infrastructure", "mosquitto", "mosquitto.conf"));
        var configuration = Path.Combine(_folder, "mosquitto.conf");
        var user = Environment.UserName == "root" ? "user root\n" : "";
        await File.WriteAllTextAsync(configuration, $"{shipped}\n{user}listener {MosquittoPort} 127.0.0.1\npassword_file {passwords}\npersistence_location {state}/\n");
        Mosquitto = RealProcess.Start("mosquitto", File.Exists("/usr/sbin/mosquitto") ? "/usr/sbin/mosquitto" : "mosquitto", ["-c", configuration]);
        _processes.Add(Mosquitto);
        await Mosquitto.LineAsync("running", Start);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_server);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>One member of the cluster, which may be killed and started again under the same settings.</summary>
internal sealed class Member(string name, Uri ready, Func<RealProcess> start)
{
    public string Name => name;

    public RealProcess Process { get; private set; } = null!;

    public async Task StartAsync(TimeSpan timeout)
    {
        Process = start();
        await Process.ReadyAsync(ready, timeout);
    }

    public Task ReadyAsync(TimeSpan timeout) => Process.ReadyAsync(ready, timeout);
}
