using System.Net;
using Microsoft.Extensions.Options;

namespace FleetTracker.Mqtt;

/// <summary>Where a bridge gets its messages from.</summary>
public enum MqttMode
{
    /// <summary>Trackers connect to the bridge; PUBACK means stored.</summary>
    Broker = 0,

    /// <summary>The bridge connects to a broker that trackers connect to.</summary>
    Client = 1,
}

/// <summary>The MQTT side of a bridge.</summary>
public sealed class MqttOptions
{
    public const string Section = "Mqtt";

    /// <summary>Default: <see cref="MqttMode.Broker"/>.</summary>
    public MqttMode Mode { get; set; } = MqttMode.Broker;

    /// <summary>Address that the broker listens on; <c>*</c> is every one. Default: <c>*</c>.</summary>
    public string Listen { get; set; } = "*";

    /// <summary>Port for plain TCP; 0 turns it off. Default: 1883.</summary>
    public int Port { get; set; } = 1883;

    /// <summary>Port for TLS; 0 turns it off. Needs <see cref="CertificatePath"/>. Default: 0.</summary>
    public int TlsPort { get; set; }

    /// <summary>PEM or PKCS#12 file with the server's certificate. Unset: no TLS.</summary>
    public string? CertificatePath { get; set; }

    /// <summary>PEM file with its key, when <see cref="CertificatePath"/> does not hold it. Unset: the same file.</summary>
    public string? CertificateKeyPath { get; set; }

    /// <summary>Password of the certificate's key. Unset: none.</summary>
    public string? CertificatePassword { get; set; }

    /// <summary>A larger packet ends its connection before it is buffered. Default: 262,144 (256 KiB).</summary>
    public int MaxPacketBytes { get; set; } = 262_144;

    /// <summary>
    /// The same for CONNECT with its will and its credentials, which is held before anybody is known to be behind it. Default: 16,384 (16 KiB).
    /// </summary>
    public int MaxConnectBytes { get; set; } = 16_384;

    /// <summary>Connections at the same time; a further one is closed. Default: 100,000.</summary>
    public int MaxConnections { get; set; } = 100_000;

    /// <summary>
    /// Unacknowledged fixes per connection; beyond it the connection is not read on, so TCP slows the sender. Also announced as MQTT 5
    /// receive maximum. Smaller ones slow a backlog, larger ones let one gateway hold more memory. Default: 1,024.
    /// </summary>
    public int MaxUnacknowledgedPerConnection { get; set; } = 1024;

    /// <summary>
    /// Bytes that wait for a client to read them; beyond it the connection is not read on. Bounds what a client costs that sends and never
    /// reads. Default: 262,144 (256 KiB).
    /// </summary>
    public int MaxOutboundBytes { get; set; } = 262_144;

    /// <summary>MQTT 5 topic aliases per connection; 0 allows none. Default: 32.</summary>
    public int MaxTopicAliases { get; set; } = 32;

    /// <summary>How long a client may take to send CONNECT. Default: 10 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long checking credentials may take before the client is told that the server is unavailable. Default: 10 s.</summary>
    public TimeSpan AuthenticationTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Commands that wait for one client; older ones are dropped. Default: 100.</summary>
    public int MaxPendingCommandsPerClient { get; set; } = 100;

    /// <summary>The broker in front, in client mode.</summary>
    public MqttClientOptionsSection Client { get; set; } = new();
}

/// <summary>Client mode: where the broker is and what is read from it.</summary>
public sealed class MqttClientOptionsSection
{
    /// <summary>Host of the broker. Needed in client mode.</summary>
    public string? Host { get; set; }

    /// <summary>Default: 1883, or 8883 with <see cref="UseTls"/>.</summary>
    public int? Port { get; set; }

    public bool UseTls { get; set; }

    public string? UserName { get; set; }

    public string? Password { get; set; }

    /// <summary>
    /// Client ids are this and a number per connection. Must be the same after every restart of this replica and differ between replicas,
    /// because the broker keeps the session under it. Default: <c>fleettracker-bridge</c>.
    /// </summary>
    public string ClientId { get; set; } = "fleettracker-bridge";

    /// <summary>Connections of this replica; each holds up to 65,535 unacknowledged messages. Default: 1.</summary>
    public int Connections { get; set; } = 1;

    /// <summary>Shared-subscription group; replicas of one group share the messages. Empty: every replica gets all. Default: <c>fleettracker</c>.</summary>
    public string Group { get; set; } = "fleettracker";

    /// <summary>Topic filters to read. Default: every topic that has a format.</summary>
    public IList<string> Topics { get; } = [];

    /// <summary>Unacknowledged messages per connection; cover five seconds at peak. Default: 65,535.</summary>
    public int ReceiveMaximum { get; set; } = 65_535;

    /// <summary>
    /// Payload bytes that a connection holds while the bridge's window is full; beyond it the connection is not read on, and ends with its keep-alive.
    /// Default: 67,108,864 (64 MiB).
    /// </summary>
    public long MaxHeldBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How long the broker keeps the session of a bridge that stays away. Default: 7 days.</summary>
    public TimeSpan SessionExpiry { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Default: 30 s.</summary>
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The tenant that unknown devices are registered in, and that sees their refused messages. Needed with <see cref="AutoRegister"/>.</summary>
    public string? Tenant { get; set; }

    /// <summary>Register an unknown device with its first fix; otherwise its messages are quarantined. Default: false.</summary>
    public bool AutoRegister { get; set; }

    /// <summary>How long a stopping bridge waits for what it holds to be stored and acknowledged. Default: 5 s.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// This replica goes for good when it stops: it unsubscribes, so that the broker gives its share to the others. Otherwise the session
    /// keeps gathering its share until the replica is back. Default: false.
    /// </summary>
    public bool LeaveOnStop { get; set; }

    internal static readonly string[] DefaultTopics = ["fleet/+/position", "fleet/+/status", "owntracks/#", "/hfp/v2/#"];

    internal IEnumerable<string> SubscribedTopics => Topics.Count > 0 ? Topics : DefaultTopics;
}

/// <summary>Reports every wrong setting at once.</summary>
public sealed class MqttOptionsValidator : IValidateOptions<MqttOptions>
{
    // Kestrel's default read buffer; a packet that it cannot hold would never become complete.
    private const int LargestPacket = 1024 * 1024;

    public ValidateOptionsResult Validate(string? name, MqttOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = new ValidateOptionsResultBuilder();
        Between(problems, options.MaxPacketBytes, 1024, LargestPacket, nameof(options.MaxPacketBytes));
        Between(problems, options.MaxConnectBytes, 256, LargestPacket, nameof(options.MaxConnectBytes));
        Between(problems, options.MaxConnections, 1, 10_000_000, nameof(options.MaxConnections));
        Between(problems, options.MaxUnacknowledgedPerConnection, 1, ushort.MaxValue, nameof(options.MaxUnacknowledgedPerConnection));
        Between(problems, options.MaxOutboundBytes, 1024, 64 * 1024 * 1024, nameof(options.MaxOutboundBytes));
        Between(problems, options.MaxTopicAliases, 0, ushort.MaxValue, nameof(options.MaxTopicAliases));
        Between(problems, options.MaxPendingCommandsPerClient, 1, 100_000, nameof(options.MaxPendingCommandsPerClient));
        Between(problems, options.Port, 0, ushort.MaxValue, nameof(options.Port));
        Between(problems, options.TlsPort, 0, ushort.MaxValue, nameof(options.TlsPort));
        if (options.ConnectTimeout <= TimeSpan.Zero) problems.AddError($"must be positive, was {options.ConnectTimeout}", nameof(options.ConnectTimeout));
        if (options.AuthenticationTimeout <= TimeSpan.Zero) problems.AddError($"must be positive, was {options.AuthenticationTimeout}", nameof(options.AuthenticationTimeout));
        if (options.Mode == MqttMode.Broker) ValidateBroker(problems, options);
        else ValidateClient(problems, options.Client);
        return problems.Build();
    }

    private static void ValidateBroker(ValidateOptionsResultBuilder problems, MqttOptions options)
    {
        if (options.Listen is not ("*" or "localhost") && !IPAddress.TryParse(options.Listen, out _))
            problems.AddError($"must be an IP address, 'localhost' or '*', was '{options.Listen}'", nameof(options.Listen));
        if (options.TlsPort != 0 && string.IsNullOrEmpty(options.CertificatePath))
            problems.AddError($"must name a certificate when {nameof(options.TlsPort)} is {options.TlsPort}", nameof(options.CertificatePath));
        if (options.CertificatePath is { Length: > 0 } path && !File.Exists(path))
            problems.AddError($"names a file that is not there: '{path}'", nameof(options.CertificatePath));
    }

    private static void ValidateClient(ValidateOptionsResultBuilder problems, MqttClientOptionsSection client)
    {
        if (string.IsNullOrWhiteSpace(client.Host)) problems.AddError("is needed in client mode", "Client:Host");
        if (client.Port is { } port) Between(problems, port, 1, ushort.MaxValue, "Client:Port");
        Between(problems, client.Connections, 1, 256, "Client:Connections");
        Between(problems, client.ReceiveMaximum, 1, ushort.MaxValue, "Client:ReceiveMaximum");
        Between(problems, client.MaxHeldBytes, 1024 * 1024, 16L * 1024 * 1024 * 1024, "Client:MaxHeldBytes");
        if (string.IsNullOrWhiteSpace(client.ClientId)) problems.AddError("must not be empty: the broker keeps the session under it", "Client:ClientId");
        if (client.Group.AsSpan().ContainsAny('/', '+', '#')) problems.AddError($"must not contain '/', '+' or '#', was '{client.Group}'", "Client:Group");
        foreach (var topic in client.SubscribedTopics)
        {
            if (!TopicFilter.IsValid(topic)) problems.AddError($"is no MQTT topic filter: '{topic}'", "Client:Topics");
        }

        if (client.SessionExpiry < TimeSpan.Zero || client.SessionExpiry.TotalSeconds > uint.MaxValue)
            problems.AddError($"must be between 0 and {uint.MaxValue} s, was {client.SessionExpiry}", "Client:SessionExpiry");
        if (client.KeepAlive <= TimeSpan.Zero || client.KeepAlive.TotalSeconds > ushort.MaxValue)
            problems.AddError($"must be between 1 and {ushort.MaxValue} s, was {client.KeepAlive}", "Client:KeepAlive");
        if (client.DrainTimeout < TimeSpan.Zero) problems.AddError($"must not be negative, was {client.DrainTimeout}", "Client:DrainTimeout");
        if (client.AutoRegister && string.IsNullOrWhiteSpace(client.Tenant)) problems.AddError("is needed when Client:AutoRegister is true", "Client:Tenant");
    }

    private static void Between(ValidateOptionsResultBuilder problems, long value, long least, long most, string name)
    {
        if (value < least || value > most) problems.AddError($"must be between {least} and {most}, was {value}", name);
    }
}
