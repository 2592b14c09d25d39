namespace FleetTracker.Ingestion;

/// <summary>The newest reports of a lane, so that a batch published again is answered as it was the first time.</summary>
internal sealed class ReportedBatches(int capacity)
{
    private readonly Dictionary<Guid, BatchReport> _byId = [];
    private readonly Queue<Guid> _order = new();

    public void Add(BatchReport report)
    {
        if (!_byId.TryAdd(report.BatchId, report)) return;
        _order.Enqueue(report.BatchId);
        if (_order.Count > capacity) _byId.Remove(_order.Dequeue());
    }

    public BatchReport? Find(Guid batchId) => _byId.GetValueOrDefault(batchId);
}
