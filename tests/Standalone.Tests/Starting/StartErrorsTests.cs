using System.Net;
using System.Net.Sockets;
using FleetTracker.Testing;

namespace FleetTracker.Standalone;

/// <summary>An operator's mistakes end with one line on stderr, not with a stack trace.</summary>
public sealed class StartErrorsTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("--http-port", "no-number")]
    [InlineData("--http-port", "70000")]
    [InlineData("--listen", "example.org")]
    [InlineData("--unknown", "1")]
    public async Task A_bad_option_is_named_and_ends_with_2(string option, string value)
    {
        var (exit, line) = await StartAsync(option, value);
        Assert.Equal(2, exit);
        Assert.Contains(option is "--unknown" ? "--unknown" : value, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--http-port")]
    [InlineData("--mqtt-port")]
    public async Task A_busy_port_is_named_with_its_option(string option)
    {
        using var busy = new TcpListener(IPAddress.Loopback, 0);
        busy.Start();
        var port = ((IPEndPoint)busy.LocalEndpoint).Port;
        var (exit, line) = await StartAsync(option, $"{port}");
        Assert.Equal(1, exit);
        Assert.Equal($"error: port {port} is in use; choose another with {option}.", line);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named()
    {
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "");
        var (exit, line) = await StartAsync("--data", Path.Combine(file, "data"));
        Assert.Equal(1, exit);
        Assert.Contains($"'{Path.Combine(file, "data")}'", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_in_use_is_named()
    {
        using var other = DataFolder.Take(Path.Combine(_folder, "data"));
        var (exit, line) = await StartAsync();
        Assert.Equal(1, exit);
        Assert.Contains("is in use by another server", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_setting_is_named()
    {
        var (exit, line) = await StartWithAsync([new("Mqtt__MaxPacketBytes", "12"), new("Fixes__Retention", "-1.00:00:00")]);
        Assert.Equal(1, exit);
        Assert.Contains("MaxPacketBytes", line, StringComparison.Ordinal);
        Assert.Contains("Retention", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_of_a_wrong_type_is_named()
    {
        var (exit, line) = await StartWithAsync([new("Auth__AccessTokenMinutes", "abc")]);
        Assert.Equal(1, exit);
        Assert.Contains("Auth:AccessTokenMinutes", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_that_is_too_short_is_told_in_one_sentence()
    {
        var (exit, line) = await StartWithAsync([new("FLEETTRACKER_ADMIN_PASSWORD", "short")]);
        Assert.Equal(1, exit);
        Assert.EndsWith("characters long", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_data_file_is_named()
    {
        var data = Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName;
        await File.WriteAllTextAsync(Path.Combine(data, "telemetry.db"), new string('x', 10_000));
        var (exit, line) = await StartAsync();
        Assert.Equal(1, exit);
        Assert.Contains(Path.Combine(data, "telemetry.db"), line, StringComparison.Ordinal);
    }

    /// <summary>Nobody else knows the generated ones, so they are told before anything else can fail, and only then.</summary>
    [Fact]
    public async Task Generated_secrets_are_told_once_even_when_the_first_start_does_not_get_ready()
    {
        string[] arguments = ["--data", Path.Combine(_folder, "data"), "--http-port", $"{FreePorts.Next()}", "--mqtt-port", $"{FreePorts.Next()}"];
        await using (var first = RealProcess.Start("standalone", "dotnet", [Repository.Host("Standalone"), .. arguments]))
        {
            await first.LineAsync("Enrollment key", Limit);
            Assert.Equal(0, await first.StopAsync(Limit));
            Assert.Matches("Password        [^ ]{12,}\n", first.Output);
            Assert.Matches("Enrollment key  [^ ]{12,}\n", first.Output);
        }

        await using var second = RealProcess.Start("standalone", "dotnet", [Repository.Host("Standalone"), .. arguments]);
        await second.LineAsync("FleetTracker is ready.", Limit);
        Assert.DoesNotContain("Password  ", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Enrollment key", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_names_every_option()
    {
        await using var process = RealProcess.Start("help", "dotnet", [Repository.Host("Standalone"), "--help"]);
        Assert.Equal(0, await process.ExitAsync(Limit));
        foreach (var option in new[] { "--data", "--http-port", "--mqtt-port", "--listen", "--demo", "--reset-admin-password" })
            Assert.Contains(option, process.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private Task<(int Exit, string Line)> StartAsync(params string[] arguments) => StartWithAsync([], arguments);

    private async Task<(int Exit, string Line)> StartWithAsync(KeyValuePair<string, string>[] environment, params string[] arguments)
    {
        string[] defaults = ["--data", Path.Combine(_folder, "data"), "--http-port", $"{FreePorts.Next()}", "--mqtt-port", $"{FreePorts.Next()}"];
        // A later option of the same name would be one too many.
        var given = defaults.Chunk(2).Where(pair => !arguments.Contains(pair[0], StringComparer.Ordinal)).SelectMany(pair => pair);
        await using var process = RealProcess.Start("standalone", "dotnet", [Repository.Host("Standalone"), .. given, .. arguments], environment);
        var exit = await process.ExitAsync(Limit);
        var lines = process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith("error: ", StringComparison.Ordinal)).ToArray();
        Assert.True(lines.Length == 1 && !process.Output.Contains("   at ", StringComparison.Ordinal), process.Output);
        return (exit, lines[0]);
    }
}
