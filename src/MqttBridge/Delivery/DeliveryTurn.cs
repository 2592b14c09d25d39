namespace FleetTracker.Ingestion;

/// <summary>
/// While one batch is completed, what its acknowledgements set off waits for the end of the batch: a connection with many of them flushes
/// once, and no connection needs a turn of the thread pool of its own.
/// </summary>
internal static class DeliveryTurn
{
    [ThreadStatic]
    private static List<IThreadPoolWorkItem>? t_deferred;

    [ThreadStatic]
    private static bool t_isOpen;

    public static void Begin() => t_isOpen = true;

    /// <summary>Runs the work at the end of this thread's turn, or on the thread pool when it has none. The work must not block.</summary>
    public static void RunLater(IThreadPoolWorkItem work)
    {
        if (t_isOpen) (t_deferred ??= []).Add(work);
        else ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
    }

    public static void End()
    {
        t_isOpen = false;
        if (t_deferred is not { Count: > 0 } deferred) return;

        foreach (var work in deferred) work.Execute();
        deferred.Clear();
    }
}
