using System.Collections.Immutable;

namespace FleetTracker.Geofences;

/// <summary>What a file of fences may hold.</summary>
public sealed record FenceFileLimits
{
    /// <summary>Default: 32 MiB, which is a country's districts in detail.</summary>
    public int MaxBytes { get; init; } = 32 << 20;

    /// <summary>Default: 10,000.</summary>
    public int MaxFences { get; init; } = 10_000;

    /// <summary>Positions of one fence. Default: 100,000.</summary>
    public int MaxPoints { get; init; } = FenceGeoJson.MaxPoints;
}

/// <summary>One thing in a file that is no fence.</summary>
/// <param name="Where">Its place: <c>features[3]</c> and what is below it, or <c>line 12, Placemark 'Depot'</c>.</param>
/// <param name="What">What is wrong there, with the value.</param>
public sealed record FenceFileProblem(string Where, string What)
{
    public override string ToString() => $"{Where}: {What}";
}

/// <summary>What was read from a file: all that can be fences, and a reason for everything that cannot.</summary>
public sealed record FenceFile(ImmutableArray<DrawnFence> Fences, ImmutableArray<FenceFileProblem> Problems)
{
    /// <summary>The name of the property that has a circle's radius, or half of a corridor's width.</summary>
    public const string RadiusMeters = "radiusMeters";

    /// <summary>With more, a file is not a list of fences with mistakes but something else.</summary>
    public const int MaxProblems = 100;

    internal static FenceFile Unreadable(string where, string what) => new([], [new FenceFileProblem(where, what)]);

    /// <summary>All bytes, or <c>null</c> when there are too many.</summary>
    internal static MemoryStream? ReadBounded(Stream stream, int maxBytes)
    {
        var content = new MemoryStream();
        var buffer = new byte[81920];
        while (stream.Read(buffer) is > 0 and var count)
        {
            if (content.Length + count > maxBytes) return null;
            content.Write(buffer, 0, count);
        }

        content.Position = 0;
        return content;
    }

    /// <summary>Fences and problems as they are found.</summary>
    internal sealed class Builder(FenceFileLimits limits)
    {
        private readonly ImmutableArray<DrawnFence>.Builder _fences = ImmutableArray.CreateBuilder<DrawnFence>();
        private readonly ImmutableArray<FenceFileProblem>.Builder _problems = ImmutableArray.CreateBuilder<FenceFileProblem>();

        /// <summary>Whether reading on would find nothing that counts.</summary>
        public bool IsFull { get; private set; }

        /// <param name="where">The place of the thing that may be a fence.</param>
        /// <param name="read">Throws <see cref="FenceGeometryException"/> when it is none.</param>
        public void Add(string where, Func<DrawnFence> read)
        {
            if (_fences.Count + _problems.Count >= limits.MaxFences)
            {
                Stop(where, $"is beyond the {limits.MaxFences} fences that a file may have");
                return;
            }

            try
            {
                _fences.Add(read());
            }
            catch (FenceGeometryException e)
            {
                _problems.Add(new FenceFileProblem(where + (where.EndsWith(']') ? "." : ", ") + e.Where, e.What));
                if (_problems.Count == MaxProblems) Stop(where, "is the last one that was looked at: too many problems");
            }
        }

        public void Stop(string where, string what)
        {
            _problems.Add(new FenceFileProblem(where, what));
            IsFull = true;
        }

        public FenceFile Build() => new(_fences.ToImmutable(), _problems.ToImmutable());
    }
}
