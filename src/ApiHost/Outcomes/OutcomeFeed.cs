using FleetTracker.Storage;

namespace FleetTracker.Outcomes;

/// <param name="Items">In the order of their lanes' commits; of one vehicle the earlier first.</param>
/// <param name="Next">Where to go on.</param>
/// <param name="HasMore">There is, or may be, more already.</param>
internal sealed record FeedStep(List<Outcome> Items, FeedCursor Next, bool HasMore);

/// <summary>
/// One tenant's outcomes by the commits that last wrote them, from all lanes. A vehicle has one lane, and a lane's commits are serial: so its order
/// holds, and nothing appears behind a reader.
/// </summary>
internal static class OutcomeFeed
{
    /// <summary>Outcomes of any tenant that one step looks at: what others did costs a reader steps and the server no more than this.</summary>
    public const int MostScanned = 5_000;

    private const int Chunk = 500;

    public static async Task<FeedStep> ReadAsync(IOutcomeStore outcomes, string tenant, FeedCursor from, int limit, CancellationToken cancellationToken)
    {
        var (items, positions, scanned) = (new List<Outcome>(), from.Positions.ToArray(), 0);
        for (var i = 0; i < positions.Length; i++)
        {
            var lane = (from.NextLane + i) % positions.Length;
            int asked;
            IReadOnlyList<FeedItem> read;
            do
            {
                asked = Math.Min(Chunk, MostScanned - scanned);
                read = await outcomes.ReadFeedAsync(lane, positions[lane], asked, cancellationToken);
                foreach (var item in read)
                {
                    positions[lane] = item.Position;
                    if (string.Equals(item.Outcome.Tenant, tenant, StringComparison.Ordinal)) items.Add(item.Outcome);

                    // The next step begins with the next lane: a busy one keeps none waiting.
                    if (++scanned == MostScanned || items.Count == limit) return new FeedStep(items, new FeedCursor((lane + 1) % positions.Length, positions), true);
                }
            }
            while (read.Count == asked);
        }

        return new FeedStep(items, new FeedCursor(from.NextLane, positions), false);
    }
}
