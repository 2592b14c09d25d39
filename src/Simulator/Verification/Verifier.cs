namespace FleetTracker.Simulation;

/// <summary>What a verification found; empty <see cref="Differences"/> means that the server holds exactly what was sent.</summary>
public sealed record VerificationResult(SourceCounts Expected, long RowsRead, IReadOnlyList<string> Differences);

/// <summary>Holds a finished replay against the server: its history, and its own count of what it did.</summary>
public sealed class Verifier(FleetApiClient api, HttpClient http, Uri? metrics, TimeProvider clock)
{
    private static readonly TimeSpan MetricsPatience = TimeSpan.FromSeconds(15);

    /// <summary>The server's counts; taken before the replay, they are what the counts after it are compared with.</summary>
    public async Task<IReadOnlyDictionary<SourceGroup, long>> CountsAsync(CancellationToken cancellationToken) =>
        metrics is null ? new Dictionary<SourceGroup, long>() : IngestionMetric.Parse(await http.GetStringAsync(metrics, cancellationToken));

    public async Task<VerificationResult> VerifyAsync(
        IReadOnlyList<TraceElement> elements, SourceBounds bounds, ReplayResult replay,
        IReadOnlyDictionary<SourceGroup, long> countsBefore, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(elements);
        ArgumentNullException.ThrowIfNull(bounds);
        ArgumentNullException.ThrowIfNull(replay);
        ArgumentNullException.ThrowIfNull(countsBefore);

        var (comparisons, expected) = Expect(elements, bounds);
        var differences = new List<string>();
        if (comparisons.Count == 0) differences.Add($"nothing to verify: none of the {expected.Total:N0} elements is one that the server should have stored");
        if (replay.Acknowledged != replay.Sent) differences.Add($"{replay.Sent:N0} sent, but {replay.Acknowledged:N0} acknowledged");

        var rows = await CompareHistoryAsync(comparisons, differences, cancellationToken);
        if (metrics is not null) differences.AddRange(await CompareCountsAsync(expected, countsBefore, replay.Resent, cancellationToken));
        return new VerificationResult(expected, rows, differences);
    }

    internal static (IReadOnlyDictionary<string, HistoryComparison> ByDevice, SourceCounts Counts) Expect(
        IReadOnlyList<TraceElement> elements, SourceBounds bounds)
    {
        var judge = new SourceJudge(bounds);
        var counts = new SourceCounts();
        var byDevice = new SortedDictionary<string, HistoryComparison>(StringComparer.Ordinal);
        foreach (var element in elements)
        {
            var group = judge.Judge(element);
            counts.Add(group);
            if (group is SourceGroup.Rejected or SourceGroup.Duplicate) continue;

            if (!byDevice.TryGetValue(element.DeviceId, out var comparison))
                byDevice.Add(element.DeviceId, comparison = new HistoryComparison(element.DeviceId, bounds.LateWindow ?? TimeSpan.MaxValue));
            comparison.Expect(element);
        }

        return (byDevice, counts);
    }

    internal static IEnumerable<string> CompareCounts(
        SourceCounts expected, IReadOnlyDictionary<SourceGroup, long> before, IReadOnlyDictionary<SourceGroup, long> after, long resent)
    {
        foreach (var group in Enum.GetValues<SourceGroup>())
        {
            var counted = after.GetValueOrDefault(group) - before.GetValueOrDefault(group);
            // What was sent again after a lost connection may have been stored the first time.
            var atMost = expected[group] + (group == SourceGroup.Duplicate ? resent : 0);
            if (counted < expected[group] || counted > atMost)
                yield return $"{IngestionMetric.Name}: {group} grew by {counted:N0}, expected {expected[group]:N0}";
        }
    }

    private async Task<long> CompareHistoryAsync(
        IReadOnlyDictionary<string, HistoryComparison> comparisons, List<string> differences, CancellationToken cancellationToken)
    {
        var vehicles = await api.VehiclesByDeviceAsync(cancellationToken);
        var rows = 0L;
        foreach (var (deviceId, comparison) in comparisons)
        {
            if (!vehicles.TryGetValue(deviceId, out var vehicleId))
            {
                differences.Add($"{deviceId}: no vehicle has this device");
                continue;
            }

            await foreach (var row in api.HistoryAsync(vehicleId, cancellationToken))
            {
                comparison.Observe(row);
                rows++;
            }

            differences.AddRange(comparison.Finish());
        }

        return rows;
    }

    /// <summary>A metrics page may be a few seconds old, so a difference counts only when it stays.</summary>
    private async Task<IReadOnlyList<string>> CompareCountsAsync(
        SourceCounts expected, IReadOnlyDictionary<SourceGroup, long> before, long resent, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            var after = await CountsAsync(cancellationToken);
            var differences = CompareCounts(expected, before, after, resent).ToList();
            if (differences.Count == 0) return differences;
            if (clock.GetElapsedTime(started) > MetricsPatience)
                return after.Values.All(count => count == 0) ? [$"{metrics} counts no fixes at all; is it the page of the process that takes them?"] : differences;
            await Task.Delay(TimeSpan.FromMilliseconds(500), clock, cancellationToken);
        }
    }
}
