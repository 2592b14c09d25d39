namespace FleetTracker.Simulation;

/// <summary>A moment of a drive: where it is this long after its start.</summary>
internal readonly record struct DemoMoment(TimeSpan At, double Latitude, double Longitude, double? Speed, double? Heading);

/// <summary>
/// One recorded drive, driven for ever: to its end, a stop there, the same way back, a stop, and again, so that nothing ever jumps. Where
/// the vehicle is follows from the clock alone: a demo that starts again finds every vehicle on the road where it should be by now.
/// </summary>
internal sealed class DemoTrack
{
    private static readonly TimeSpan Layover = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan LayoverInterval = TimeSpan.FromSeconds(30);

    private readonly DemoMoment[] _cycle;
    private readonly TimeSpan _length;
    private readonly TimeSpan _offset;

    /// <param name="deviceId">The id under which it is published.</param>
    /// <param name="drive">In ascending time, starting at zero, at least two.</param>
    /// <param name="offset">Shifts the vehicle within its cycle, so that not all start at once.</param>
    public DemoTrack(string deviceId, IReadOnlyList<DemoMoment> drive, TimeSpan offset)
    {
        DeviceId = deviceId;
        _cycle = [.. Cycle(drive)];
        _length = (drive[^1].At + Layover) * 2;
        _offset = offset;
    }

    public string DeviceId { get; }

    /// <summary>All moments after an instant, for ever, each with the time at which it happens.</summary>
    public IEnumerable<(DateTimeOffset At, DemoMoment Moment)> After(DateTimeOffset instant)
    {
        var position = (instant.UtcTicks + _offset.Ticks) % _length.Ticks;
        var cycleStart = instant.AddTicks(-position);
        var index = Array.FindIndex(_cycle, moment => moment.At.Ticks > position);
        while (true)
        {
            if (index < 0 || index == _cycle.Length) (index, cycleStart) = (0, cycleStart + _length);
            yield return (cycleStart + _cycle[index].At, _cycle[index]);
            index++;
        }
    }

    private static IEnumerable<DemoMoment> Cycle(IReadOnlyList<DemoMoment> drive)
    {
        foreach (var moment in drive) yield return moment;
        foreach (var rest in Rest(drive[^1], drive[^1].At)) yield return rest;

        var back = drive[^1].At + Layover;
        for (var i = drive.Count - 1; i >= 0; i--)
        {
            var moment = drive[i];
            var heading = moment.Heading is { } there ? (there + 180) % 360 : (double?)null;
            yield return moment with { At = back + (drive[^1].At - moment.At), Heading = heading };
        }

        foreach (var rest in Rest(drive[0], back + drive[^1].At)) yield return rest;
    }

    private static IEnumerable<DemoMoment> Rest(DemoMoment where, TimeSpan from)
    {
        for (var at = LayoverInterval; at < Layover; at += LayoverInterval)
            yield return where with { At = from + at, Speed = 0, Heading = null };
    }
}
