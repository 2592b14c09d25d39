using System.Buffers;
using System.IO.Pipelines;
using FleetTracker.Ingestion;

namespace FleetTracker.Mqtt;

/// <summary>
/// Everything that goes to one client. Writers append under a lock and never wait for the network; one flush at a time carries whatever has
/// gathered, so acknowledgements that become due together leave in one system call.
/// </summary>
internal sealed class OutboundBuffer(PipeWriter output) : IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private byte[]? _bytes;
    private int _length;
    private int _leaving;
    private bool _isFlushing;
    private bool _isClosed;
    private TaskCompletionSource? _flushed;
    private TaskCompletionSource? _drained;

    /// <summary>Bytes written so far.</summary>
    public long Total { get; private set; }

    /// <summary>Bytes that the network has not taken yet. Grows without a bound while the client does not read, unless we stop answering it.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _length + _leaving;
        }
    }

    /// <summary>Appends; a flush follows, at the end of the batch that is being completed or on the thread pool.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        bool starts;
        lock (_gate)
        {
            if (_isClosed) return;
            Put(bytes);
            starts = !_isFlushing;
            _isFlushing = true;
        }

        if (starts) DeliveryTurn.RunLater(this);
    }

    /// <summary>Appends, and completes when the network took all of it.</summary>
    public Task AppendAsync(ReadOnlySpan<byte> head, in ReadOnlySequence<byte> tail)
    {
        Task flushed;
        lock (_gate)
        {
            if (_isClosed) return Task.CompletedTask;
            Put(head);
            foreach (var piece in tail) Put(piece.Span);
            flushed = (_flushed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            if (_isFlushing) return flushed;
            _isFlushing = true;
        }

        _ = FlushAsync();
        return flushed;
    }

    /// <summary>Completes when the network took what was waiting, or the connection is over.</summary>
    public Task WaitUntilDrainedAsync()
    {
        lock (_gate)
        {
            return _isClosed || _length + _leaving == 0
                ? Task.CompletedTask
                : (_drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    public void Close()
    {
        TaskCompletionSource? flushed;
        TaskCompletionSource? drained;
        lock (_gate)
        {
            _isClosed = true;
            (flushed, _flushed) = (_flushed, null);
            (drained, _drained) = (_drained, null);

            // The one that flushes returns its own.
            if (_bytes is not null) ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = null;
            _length = 0;
        }

        flushed?.TrySetResult();
        drained?.TrySetResult();
    }

    public void Execute() => _ = FlushAsync();

    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (_bytes is null || _bytes.Length - _length < bytes.Length) Grow(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
        Total += bytes.Length;
    }

    private void Grow(int more)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(256, (_length + more) * 2));
        if (_bytes is not null)
        {
            _bytes.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = larger;
    }

    // Only one runs at a time; it observes its own failures, so nobody needs its task.
    private async Task FlushAsync()
    {
        while (Take(out var bytes, out var length, out var flushed))
        {
            var isOpen = true;
            try
            {
                bytes.AsSpan(0, length).CopyTo(output.GetSpan(length));
                output.Advance(length);
                isOpen = !(await output.FlushAsync()).IsCompleted;
            }
            catch (Exception)
            {
                // The peer or Kestrel ended the connection; the reading side learns the same.
                isOpen = false;
            }

            ArrayPool<byte>.Shared.Return(bytes);
            flushed?.TrySetResult();
            if (!isOpen) Close();
        }
    }

    private bool Take(out byte[] bytes, out int length, out TaskCompletionSource? flushed)
    {
        TaskCompletionSource? drained;
        lock (_gate)
        {
            bytes = _bytes ?? [];
            length = _length;
            flushed = _flushed;
            _bytes = null;
            _length = 0;
            _flushed = null;
            _leaving = length;
            if (length > 0) return true;

            _isFlushing = false;
            (drained, _drained) = (_drained, null);
        }

        flushed?.TrySetResult();
        drained?.TrySetResult();
        return false;
    }
}
