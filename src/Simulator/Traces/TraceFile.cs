using System.IO.Compression;
using System.Text;

namespace FleetTracker.Simulation;

/// <summary>Recordings on disk: CSV or HFP, told apart by their first line, gzipped or not.</summary>
public static class TraceFile
{
    /// <summary>Where the recordings that come with the simulator are.</summary>
    public static string BundledDirectory => Path.Combine(AppContext.BaseDirectory, "data");

    /// <summary>A path as given, or the name of a recording that comes with the simulator.</summary>
    public static string Find(string pathOrName)
    {
        if (File.Exists(pathOrName)) return pathOrName;

        foreach (var ending in (ReadOnlySpan<string>)["", ".csv.gz", ".dump"])
        {
            var bundled = Path.Combine(BundledDirectory, pathOrName + ending);
            if (File.Exists(bundled)) return bundled;
        }

        throw new FileNotFoundException($"No file '{pathOrName}', neither here nor in {BundledDirectory}.", pathOrName);
    }

    public static IReadOnlyList<TraceElement> Load(string path, string prefix = "", Rebase rebase = Rebase.None, TimeProvider? clock = null)
    {
        var shift = ShiftOf(path, rebase, clock ?? TimeProvider.System);
        return ReadAll(path, prefix, shift);
    }

    /// <summary>The file's name up to its first dot.</summary>
    public static string DatasetOf(string path)
    {
        var name = Path.GetFileName(path);
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? name : name[..dot];
    }

    internal static TextReader Open(string path)
    {
        var file = File.OpenRead(path);
        Stream content = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
        return new StreamReader(content, Encoding.UTF8);
    }

    private static List<TraceElement> ReadAll(string path, string prefix, TimeSpan shift)
    {
        var isCsv = IsCsv(path);
        using var reader = Open(path);
        List<TraceElement> elements = [.. isCsv ? CsvTrace.Read(reader, DatasetOf(path), prefix, shift) : HfpDump.Read(reader, shift)];
        return elements.Count > 0 ? elements : throw new TraceFormatException($"{path} has no fixes");
    }

    private static bool IsCsv(string path)
    {
        using var reader = Open(path);
        var first = reader.ReadLine() ?? throw new TraceFormatException($"{path} is empty");
        return !first.Contains(" {\"", StringComparison.Ordinal);
    }

    /// <summary>
    /// Whole seconds, so that every fraction of a second survives; rounded down, so that nothing happens in the future.
    /// </summary>
    private static TimeSpan ShiftOf(string path, Rebase rebase, TimeProvider clock)
    {
        if (rebase == Rebase.None) return TimeSpan.Zero;

        var elements = ReadAll(path, "", TimeSpan.Zero);
        var anchor = rebase == Rebase.Now ? elements.Max(e => e.FixedAt) : elements.Min(e => e.FixedAt);
        return TimeSpan.FromSeconds(Math.Floor((clock.GetUtcNow() - anchor).TotalSeconds));
    }
}
