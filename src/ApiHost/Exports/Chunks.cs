using System.Runtime.CompilerServices;

namespace FleetTracker.Exports;

/// <summary>
/// A long list in chunks. The next chunk is read while the one before is written, so memory holds two. The first one is read when the list is
/// opened: most failures come before anything was sent.
/// </summary>
/// <typeparam name="T">Its items; the last one of a chunk says where the next begins.</typeparam>
internal sealed class Chunks<T>
    where T : class
{
    // Smaller than the others, because somebody waits for the first byte.
    private const int FirstChunk = 1_000;
    private const int Chunk = 4_000;

    private readonly Read _read;
    private readonly int _most;
    private readonly IReadOnlyList<T> _first;

    private Chunks(Read read, int most, IReadOnlyList<T> first) => (_read, _most, _first) = (read, most, first);

    /// <summary>Reads at most <paramref name="count"/> items after one, or from the beginning; fewer mean that there are no more.</summary>
    public delegate Task<IReadOnlyList<T>> Read(T? after, int count, CancellationToken cancellationToken);

    /// <param name="read">Reads one chunk.</param>
    /// <param name="most">Items in all chunks together.</param>
    /// <param name="cancellationToken">Ends the first read.</param>
    public static async Task<Chunks<T>> OpenAsync(Read read, int most, CancellationToken cancellationToken) =>
        new(read, most, await read(null, Math.Min(FirstChunk, most), cancellationToken));

    public async IAsyncEnumerable<IReadOnlyList<T>> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (chunk, asked, left) = (_first, Math.Min(FirstChunk, _most), _most);
        while (true)
        {
            left -= chunk.Count;
            if (chunk.Count < asked || left == 0)
            {
                yield return chunk;
                yield break;
            }

            asked = Math.Min(Chunk, left);
            var next = _read(chunk[^1], asked, cancellationToken);

            // Whoever stops early does not await it, and a failure that nobody sees is still seen.
            _ = next.ContinueWith(static read => read.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            yield return chunk;
            chunk = await next;
        }
    }
}
