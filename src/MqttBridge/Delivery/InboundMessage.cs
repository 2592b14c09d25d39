namespace FleetTracker.Ingestion;

/// <summary>The end of a message: all of it is durable, or refused for good.</summary>
/// <param name="Refusal">The first refusal among its elements, a word of <see cref="Refusals"/>; <c>null</c> when all of it is stored.</param>
internal readonly record struct DeliveryResult(string? Refusal)
{
    public bool IsStored => Refusal is null;
}

/// <summary>Whoever brought a message and owes its sender an acknowledgement. Called from any thread; must not block.</summary>
internal interface IDeliverySink
{
    /// <summary>The message takes this much of the window. Called once, before <see cref="Delivered"/>.</summary>
    void Accepted(int fixes);

    /// <summary>The acknowledgement may go. Called once, unless <see cref="Abandoned"/> is.</summary>
    /// <param name="token">What the sink gave with the message.</param>
    /// <param name="fixes">As in <see cref="Accepted"/>.</param>
    /// <param name="result">What became of the message.</param>
    void Delivered(long token, int fixes, DeliveryResult result);

    /// <summary>The message failed and stays unacknowledged; its part of the window is free.</summary>
    void Abandoned(int fixes);
}

/// <summary>A message on its way: counts down its elements and tells its sink when the last one is done.</summary>
internal sealed class InboundMessage(IDeliverySink sink, IngestWindow window, long token, int elements)
{
    private readonly int _elements = elements;
    private int _open = elements;
    private string? _refusal;
    private bool _isOver;

    public void Accept()
    {
        window.Enter(_elements);
        sink.Accepted(_elements);
    }

    /// <summary>One element is durable or refused.</summary>
    public void ElementDone(string? refusal)
    {
        if (refusal is not null) Interlocked.CompareExchange(ref _refusal, refusal, null);
        if (_elements > 1 && Interlocked.Decrement(ref _open) > 0) return;
        if (Interlocked.Exchange(ref _isOver, true)) return;

        window.Leave(_elements);
        sink.Delivered(token, _elements, new DeliveryResult(_refusal));
    }

    /// <summary>Something failed that should not: the sender sends it again. What is already on its way is stored, and a duplicate then.</summary>
    public void Abandon()
    {
        if (Interlocked.Exchange(ref _isOver, true)) return;

        window.Leave(_elements);
        sink.Abandoned(_elements);
    }

    /// <summary>As above, for whoever goes through many messages: what one connection makes of its acknowledgement must not cost the others theirs.</summary>
    public void ElementDone(string? refusal, ILogger logger)
    {
        try
        {
            ElementDone(refusal);
        }
        catch (Exception problem)
        {
            DeliveryLog.NotAcknowledged(logger, problem);
        }
    }
}
