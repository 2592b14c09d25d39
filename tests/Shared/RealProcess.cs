using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace FleetTracker.Testing;

/// <summary>A real process of a test: started, watched, killed, paused. Ended for certain when the test ends.</summary>
internal sealed class RealProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _waits = new(StringComparer.Ordinal);

    private RealProcess(string name, Process process)
    {
        Name = name;
        _process = process;
    }

    public string Name { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Everything printed so far, for the message of a failing test.</summary>
    public string Output => string.Join('\n', _output);

    public static RealProcess Start(string name, string file, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo(file, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = folder ?? "" };
        foreach (var (key, value) in environment ?? []) start.Environment[key] = value;
        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var real = new RealProcess(name, process);
        process.OutputDataReceived += (_, line) => real.Take(line.Data);
        process.ErrorDataReceived += (_, line) => real.Take(line.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return real;
    }

    /// <summary>The first line that contains <paramref name="text"/>.</summary>
    public async Task<string> LineAsync(string text, TimeSpan timeout)
    {
        var wait = _waits.GetOrAdd(text, _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
        if (_output.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } early) return early;
        var ended = _process.WaitForExitAsync();
        var first = await Task.WhenAny(wait.Task, ended, Task.Delay(timeout));
        if (first == wait.Task) return await wait.Task;
        throw new TimeoutException($"{Name} {(ended.IsCompleted ? $"ended with {_process.ExitCode}" : $"took longer than {timeout}")} without printing '{text}':\n{Output}");
    }

    /// <summary>Waits until the address answers 200.</summary>
    public async Task ReadyAsync(Uri address, TimeSpan timeout)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var begun = Stopwatch.StartNew();
        var last = "";
        while (begun.Elapsed < timeout && !HasExited)
        {
            try
            {
                using var answer = await http.GetAsync(address);
                if (answer.IsSuccessStatusCode) return;
                last = await answer.Content.ReadAsStringAsync();
            }
            catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
            {
                last = error.Message;
            }

            await poll.WaitForNextTickAsync();
        }

        throw new TimeoutException($"{Name} was not ready at {address} after {begun.Elapsed}{(HasExited ? $", it ended with {ExitCode}" : "")}: {last}\n{Output}");
    }

    /// <summary>SIGKILL: nothing is flushed, nobody is told.</summary>
    public async Task KillAsync()
    {
        Signal("KILL");
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and wait for the end.</summary>
    public async Task<int> StopAsync(TimeSpan timeout)
    {
        Signal("TERM");
        await _process.WaitForExitAsync().WaitAsync(timeout);
        return _process.ExitCode;
    }

    public async Task<int> ExitAsync(TimeSpan timeout)
    {
        await _process.WaitForExitAsync().WaitAsync(timeout);
        return _process.ExitCode;
    }

    public void Pause() => Signal("STOP");

    public void Resume() => Signal("CONT");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signal("CONT");
            await KillAsync();
        }

        _process.Dispose();
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private void Take(string? line)
    {
        if (line is null) return;
        _output.Enqueue(line);
        while (_output.Count > 2000) _output.TryDequeue(out _);
        foreach (var (text, wait) in _waits)
        {
            if (line.Contains(text, StringComparison.Ordinal)) wait.TrySetResult(line);
        }
    }
}
