using FleetTracker.Mqtt;

namespace FleetTracker.Ingestion;

/// <summary>A fix whose device is not known yet.</summary>
internal sealed record WaitingFix(InboundMessage Message, TopicRoute Route, DecodedElement Element, byte[] Raw, DateTimeOffset ReceivedAt, ClientAccess Access);

/// <summary>
/// Keeps the fixes of a device in order while its registration is asked for: those that come meanwhile wait behind the first, and leave one after
/// the other. Bounded by the windows of unacknowledged fixes.
/// </summary>
internal sealed class WaitingRoom(Func<WaitingFix, Task> resolve)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<WaitingFix>> _queues = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>Does anything of the device wait? Then what follows must wait too.</summary>
    public bool HasQueue(string deviceId)
    {
        // Almost always nobody waits, and this is asked for every fix.
        if (Volatile.Read(ref _count) == 0) return false;
        lock (_gate) return _queues.ContainsKey(deviceId);
    }

    /// <summary>The task of the queue that the fix started; completed when it joined one.</summary>
    public Task JoinAsync(WaitingFix fix)
    {
        lock (_gate)
        {
            if (_queues.TryGetValue(fix.Route.DeviceId, out var queue))
            {
                queue.Enqueue(fix);
                return Task.CompletedTask;
            }

            queue = new Queue<WaitingFix>();
            queue.Enqueue(fix);
            _queues.Add(fix.Route.DeviceId, queue);
            Volatile.Write(ref _count, _queues.Count);
        }

        return ServeAsync(fix.Route.DeviceId);
    }

    private async Task ServeAsync(string deviceId)
    {
        List<Exception>? failures = null;
        while (Next(deviceId) is { } fix)
        {
            try
            {
                await resolve(fix);
            }
            catch (Exception failure)
            {
                // Its message stays unacknowledged; the ones behind it are served all the same.
                fix.Message.Abandon();
                (failures ??= []).Add(failure);
            }

            lock (_gate) _queues[deviceId].Dequeue();
        }

        if (failures is not null) throw new AggregateException(failures);
    }

    // The fix stays in the queue while it is served, so that the next one of the device still finds the queue.
    private WaitingFix? Next(string deviceId)
    {
        lock (_gate)
        {
            if (_queues[deviceId].TryPeek(out var fix)) return fix;
            _queues.Remove(deviceId);
            Volatile.Write(ref _count, _queues.Count);
            return null;
        }
    }
}
