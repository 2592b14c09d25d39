using System.Buffers.Text;
using System.Text;

namespace FleetTracker.Problems;

/// <summary>Opaque places in a list: a letter for the list and the key of the last item, in base64url.</summary>
internal static class Cursors
{
    private const char Separator = '\u001f';

    public static string Make(char kind, params ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder().Append(kind);
        foreach (var part in parts) text.Append(Separator).Append(part);
        return Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text.ToString()));
    }

    public static string[]? TryRead(string cursor, char kind, int parts)
    {
        if (cursor.Length > 1_024 || !Base64Url.IsValid(cursor)) return null;
        var read = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split(Separator);
        return read.Length == parts + 1 && read[0].Length == 1 && read[0][0] == kind ? read[1..] : null;
    }
}
