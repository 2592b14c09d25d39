using System.Buffers;
using System.Buffers.Text;
using FleetTracker.Storage;

namespace FleetTracker.Outcomes;

/// <summary>
/// How far a reader is in the feed of every lane, and at which lane it goes on: opaque to the reader, small numbers of bytes, base64url. It says nothing of
/// tenants: whoever sends another's sees its own outcomes from there.
/// </summary>
internal sealed record FeedCursor(int NextLane, FeedPosition[] Positions)
{
    private const byte Version = 1;

    // 1,024 lanes with numbers that were never so large; a request's first line is not longer either.
    private const int MostCharacters = 8_000;

    public static FeedCursor Beginning(int lanes) => new(0, new FeedPosition[lanes]);

    public override string ToString()
    {
        var bytes = new ArrayBufferWriter<byte>();
        Write(bytes, Version);
        Write(bytes, (ulong)Positions.Length);
        Write(bytes, (ulong)NextLane);
        foreach (var position in Positions)
        {
            Write(bytes, (ulong)position.Number);

            // The end of a commit is what most positions are, and takes one byte.
            Write(bytes, position.Ordinal == int.MaxValue ? 0 : (ulong)position.Ordinal + 1);
        }

        return Base64Url.EncodeToString(bytes.WrittenSpan);
    }

    /// <summary>What was given out for this many lanes, or <c>null</c>.</summary>
    public static FeedCursor? TryRead(string text, int lanes)
    {
        if (text.Length > MostCharacters || !Base64Url.IsValid(text)) return null;
        var bytes = Base64Url.DecodeFromChars(text).AsSpan();
        if (Read(ref bytes) != Version || Read(ref bytes) != (ulong)lanes || Read(ref bytes) is not { } lane || lane >= (ulong)lanes) return null;
        var positions = new FeedPosition[lanes];
        foreach (ref var position in positions.AsSpan())
        {
            if (Read(ref bytes) is not ({ } number and <= long.MaxValue) || Read(ref bytes) is not ({ } ordinal and <= int.MaxValue)) return null;
            position = new FeedPosition((long)number, ordinal == 0 ? int.MaxValue : (int)ordinal - 1);
        }

        return bytes.IsEmpty ? new FeedCursor((int)lane, positions) : null;
    }

    private static void Write(ArrayBufferWriter<byte> bytes, ulong number)
    {
        for (; number >= 0x80; number >>= 7) bytes.Write([(byte)(number | 0x80)]);
        bytes.Write([(byte)number]);
    }

    private static ulong? Read(ref Span<byte> bytes)
    {
        var number = 0UL;
        for (var i = 0; i < bytes.Length && i < 10; i++)
        {
            var part = (ulong)(bytes[i] & 0x7F);
            if (i == 9 && part > 1) return null;
            number |= part << (7 * i);
            if ((bytes[i] & 0x80) != 0) continue;
            bytes = bytes[(i + 1)..];
            return number;
        }

        return null;
    }
}
