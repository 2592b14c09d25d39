using System.Buffers;
using System.Buffers.Text;
using System.Text;
using FleetTracker.Problems;

namespace FleetTracker.Exports;

/// <summary>
/// Cells and rows as RFC 4180 has them, in UTF-8. Spreadsheets take a text that begins like a formula for one, also from within quotes: such a text gets an
/// apostrophe, which they show as text. Numbers stay numbers. Cells gather before they go to the output, which takes a lock for each write.
/// </summary>
internal sealed class CsvWriter(IBufferWriter<byte> output)
{
    // More than any cell but a text: a number, an instant, a separator.
    private const int CellLength = 64;

    private static readonly SearchValues<char> Quoted = SearchValues.Create("\",\r\n");
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _length;
    private bool _isInRow;

    /// <summary>Whether the row has a cell.</summary>
    public bool IsInRow => _isInRow;

    public void Text(string? text)
    {
        Separate();
        if (string.IsNullOrEmpty(text)) return;
        var isFormula = text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n';
        var isQuoted = text.AsSpan().ContainsAny(Quoted);
        if (isQuoted) Write((byte)'"');
        if (isFormula) Write((byte)'\'');
        Write(isQuoted ? text.Replace("\"", "\"\"", StringComparison.Ordinal) : text);
        if (isQuoted) Write((byte)'"');
    }

    public void Header(params ReadOnlySpan<string> names)
    {
        foreach (var name in names) Text(name);
        EndRow();
    }

    public void Number(double? number)
    {
        Separate();
        if (number is { } value) _length += ShortDecimals.Write(value, _buffer.AsSpan(_length));
    }

    public void Number(long number)
    {
        Separate();
        Utf8Formatter.TryFormat(number, _buffer.AsSpan(_length), out var length);
        _length += length;
    }

    public void Flag(bool? flag)
    {
        Separate();
        if (flag is { } value) Write(value ? "true"u8 : "false"u8);
    }

    public void Instant(DateTimeOffset? instant)
    {
        Separate();
        if (instant is { } value) _length += Rfc3339.Write(value, _buffer.AsSpan(_length));
    }

    public void EndRow()
    {
        Write("\r\n"u8);
        _isInRow = false;
    }

    /// <summary>Hands over what has gathered.</summary>
    public void Flush()
    {
        output.Write(_buffer.AsSpan(0, _length));
        _length = 0;
    }

    /// <summary>Begins a cell, with room for its number.</summary>
    private void Separate()
    {
        Reserve(CellLength);
        if (_isInRow) _buffer[_length++] = (byte)',';
        _isInRow = true;
    }

    private void Write(string text)
    {
        if (Encoding.UTF8.GetMaxByteCount(text.Length) is var most && most > _buffer.Length)
        {
            Flush();
            Encoding.UTF8.GetBytes(text, output);
            return;
        }

        Reserve(most);
        _length += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length));
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Write(byte character)
    {
        Reserve(1);
        _buffer[_length++] = character;
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - _length < bytes) Flush();
    }
}
