using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace FleetTracker.Placement;

/// <summary>
/// Which silo owns which lane: rendezvous hashing with a cap of ⌈lanes / silos⌉ lanes per silo. A pure function, so that every silo that
/// sees the same members comes to the same answer without asking.
/// </summary>
public static class LaneOwners
{
    /// <returns>For each lane the index of its owner in <paramref name="silos"/>; the order of the silos does not matter.</returns>
    public static int[] Assign(IReadOnlyList<string> silos, int lanes)
    {
        ArgumentNullException.ThrowIfNull(silos);
        ArgumentOutOfRangeException.ThrowIfZero(silos.Count);

        var cap = (lanes + silos.Count - 1) / silos.Count;
        var load = new int[silos.Count];
        var owners = new int[lanes];
        for (var lane = 0; lane < lanes; lane++)
        {
            var best = -1;
            ulong bestScore = 0;
            for (var silo = 0; silo < silos.Count; silo++)
            {
                if (load[silo] == cap) continue;
                var score = Score(silos[silo], lane);
                // Equal scores are settled by name, never by position: members are listed in no particular order.
                var better = best < 0 || score > bestScore || (score == bestScore && string.CompareOrdinal(silos[silo], silos[best]) < 0);
                if (!better) continue;
                (best, bestScore) = (silo, score);
            }

            owners[lane] = best;
            load[best]++;
        }

        return owners;
    }

    private static ulong Score(string silo, int lane)
    {
        var hash = new XxHash64();
        hash.Append(Encoding.UTF8.GetBytes(silo));
        hash.Append(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref lane, 1)));
        return hash.GetCurrentHashAsUInt64();
    }
}
