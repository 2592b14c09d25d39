namespace FleetTracker.Ingestion;

/// <summary>
/// The bound on unacknowledged fixes of the whole bridge. Whoever reads from the network asks <see cref="IsFull"/> first and waits for
/// <see cref="WaitForRoomAsync"/>; a message that is already read always enters, so the bound may be passed by one message per connection.
/// </summary>
internal sealed class IngestWindow(int size)
{
    // Readers start again together, so let some room gather first.
    private readonly int _resumeAt = size - (size / 8);
    private readonly Lock _gate = new();
    private TaskCompletionSource? _waiting;
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public bool IsFull => Volatile.Read(ref _count) >= size;

    public void Enter(int fixes) => Interlocked.Add(ref _count, fixes);

    public void Leave(int fixes)
    {
        var count = Interlocked.Add(ref _count, -fixes);
        if (count < _resumeAt && Volatile.Read(ref _waiting) is not null) Resume();
    }

    public Task WaitForRoomAsync()
    {
        if (!IsFull) return Task.CompletedTask;

        Task room;
        lock (_gate)
        {
            room = (_waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        // What left in between saw nobody waiting. The end of a lock is no full fence: without one the count could be read first.
        Interlocked.MemoryBarrier();
        if (Count < _resumeAt) Resume();
        return room;
    }

    private void Resume()
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            waiting = _waiting;
            _waiting = null;
        }

        waiting?.TrySetResult();
    }
}
