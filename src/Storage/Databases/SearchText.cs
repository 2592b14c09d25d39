namespace FleetTracker.Storage;

/// <summary>Text that is searched without case. Lowered here and not in SQL, because the engines lower different letters.</summary>
internal static class SearchText
{
    public static string Of(params ReadOnlySpan<string?> parts) => string.Join('\n', parts).ToLowerInvariant();

    /// <summary>A pattern for <c>LIKE … ESCAPE '\'</c>.</summary>
    public static string Containing(string word) =>
        $"%{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
}
