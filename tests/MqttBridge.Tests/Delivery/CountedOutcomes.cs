using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace FleetTracker.Ingestion;

/// <summary>Adds up what one meter factory's instruments count, as <c>outcome/reason</c> or <c>instrument/tag</c>.</summary>
internal sealed class CountedOutcomes : IMeterFactory
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Key, long Count), TaskCompletionSource> _awaited = [];
    private readonly List<Meter> _meters = [];

    public CountedOutcomes()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, this)) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var words = new List<string>();
            foreach (var tag in tags) words.Add((string)tag.Value!);
            var key = instrument.Name == "fleettracker.ingestion.fixes" ? string.Join('/', words) : $"{instrument.Name}/{string.Join('/', words)}";
            _counts.AddOrUpdate(key.TrimEnd('/'), value, (_, count) => count + value);
            foreach (var (awaited, reached) in _awaited)
            {
                if (this[awaited.Key] >= awaited.Count) reached.TrySetResult();
            }
        });
        _listener.Start();
    }

    public long this[string key] => _counts.GetValueOrDefault(key);

    /// <summary>Completes when so many are counted.</summary>
    public Task UntilAsync(string key, long count)
    {
        var reached = _awaited.GetOrAdd((key, count), _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (this[key] >= count) reached.TrySetResult();
        return reached.Task.WaitAsync(TestTime.Limit, TestTime.Token);
    }

    public IReadOnlyDictionary<string, long> Fixes => _counts.Where(pair => !pair.Key.StartsWith("fleettracker.", StringComparison.Ordinal)).ToDictionary(pair => pair.Key, pair => pair.Value);

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var meter in _meters) meter.Dispose();
    }
}
