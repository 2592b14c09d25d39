using System.Buffers;

namespace FleetTracker.Simulation;

/// <summary>Device ids that a server accepts: 1–64 of <c>A-Z a-z 0-9 . _ : -</c>.</summary>
public static class DeviceNames
{
    public const int MaxLength = 64;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-");

    /// <summary>
    /// <c>{prefix}{dataset}-{vehicle}</c> with everything else replaced by <c>-</c>. A name that is too long keeps its end, because
    /// that is where vehicles differ, behind a hash of the whole, so that two long names stay two names.
    /// </summary>
    public static string For(string dataset, string vehicle, string prefix = "")
    {
        var whole = $"{prefix}{dataset}-{vehicle}";
        var clean = string.Create(whole.Length, whole, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = Allowed.Contains(source[i]) ? source[i] : '-';
        });
        if (clean.Length <= MaxLength) return clean;

        var hash = Fnv1A(whole).ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
        return $"{hash}-{clean[^(MaxLength - hash.Length - 1)..]}";
    }

    private static ulong Fnv1A(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text) hash = (hash ^ c) * 1099511628211UL;
        return hash;
    }
}
