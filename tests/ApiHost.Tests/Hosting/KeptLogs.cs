using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace FleetTracker.Hosting.Tests;

/// <summary>Keeps what a host writes to its log.</summary>
public sealed class KeptLogs : ILoggerProvider
{
    private readonly ConcurrentQueue<Entry> _entries = [];

    public sealed record Entry(LogLevel Level, int Id, string Text, Exception? Exception);

    public IReadOnlyCollection<Entry> Entries => _entries;

    public ILogger CreateLogger(string categoryName) => new Keeper(_entries);

    public void Dispose()
    {
        // Nothing is held.
    }

    private sealed class Keeper(ConcurrentQueue<Entry> entries) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) entries.Enqueue(new Entry(logLevel, eventId.Id, formatter(state, exception), exception));
        }
    }
}
