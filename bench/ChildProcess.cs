using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace FleetTracker.Bench;

/// <summary>A process that the benchmark started and will end.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly TaskCompletionSource _printed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string? _readyLine;
    private volatile string _lastLine = "";

    private ChildProcess(string name, ProcessStartInfo start, string? readyLine)
    {
        (Name, _readyLine) = (name, readyLine);
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
    }

    public string Name { get; }

    public int Id => _process.Id;

    public string LastLine => _lastLine;

    /// <param name="name">For messages.</param>
    /// <param name="file">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Added to what it inherits.</param>
    /// <param name="readyLine">A line of its output that says it is ready, for <see cref="PrintedAsync"/>.</param>
    public static ChildProcess Start(
        string name, string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? readyLine = null)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (key, value) in environment ?? new Dictionary<string, string>()) start.Environment[key] = value;
        var child = new ChildProcess(name, start, readyLine);
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Runs to the end, which must be a good one.</summary>
    public static async Task RunAsync(
        string name, string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment, CancellationToken cancellationToken)
    {
        await using var child = Start(name, file, arguments, environment);
        await child._process.WaitForExitAsync(cancellationToken);
        if (child._process.ExitCode != 0) throw child.Failure($"ended with {child._process.ExitCode}");
    }

    /// <summary>Waits for the line that says it is ready.</summary>
    public async Task PrintedAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var first = await Task.WhenAny(_printed.Task, _process.WaitForExitAsync(cancellationToken), Task.Delay(patience, cancellationToken));
        if (first != _printed.Task) throw Failure($"did not print '{_readyLine}' within {patience.TotalSeconds:N0} s");
    }

    /// <summary>Waits until the address answers 200.</summary>
    public async Task HealthyAsync(Uri address, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < patience && !_process.HasExited)
        {
            try
            {
                using var answer = await http.GetAsync(address, cancellationToken);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await poll.WaitForNextTickAsync(cancellationToken);
        }

        throw Failure($"was not healthy at {address} within {patience.TotalSeconds:N0} s");
    }

    public ProcessUsage Usage() => ProcessUsage.Of(_process.Id);

    /// <summary>Asks it to end, and insists after a while.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signal("TERM");
            using var patience = new CancellationTokenSource(StopPatience);
            await _process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private InvalidOperationException Failure(string what) => new($"{Name} {what}:\n{string.Join('\n', _lines.TakeLast(30))}");

    private void Take(string? line)
    {
        if (line is null) return;
        _lastLine = line;
        _lines.Enqueue(line);
        while (_lines.Count > 500) _lines.TryDequeue(out _);
        if (_readyLine is not null && line.Contains(_readyLine, StringComparison.Ordinal)) _printed.TrySetResult();
    }
}

/// <summary>What a process has used, as Linux counts it.</summary>
internal readonly record struct ProcessUsage(TimeSpan Cpu, double RssMegabytes)
{
    // USER_HZ, which every Linux architecture that .NET runs on sets to 100.
    private const double TicksPerSecond = 100;

    public static ProcessUsage Of(int processId)
    {
        // The program's name is in parentheses and may hold spaces; the numbers begin behind it.
        var stat = File.ReadAllText($"/proc/{processId}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        return new ProcessUsage(TimeSpan.FromSeconds(ticks / TicksPerSecond), Rss(processId));
    }

    private static double Rss(int processId)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
