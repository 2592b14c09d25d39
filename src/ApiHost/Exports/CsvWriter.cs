using System.Buffers;
using System.Buffers.Text;
using System.Text;
using FleetTracker.Problems;

namespace FleetTracker.Exports;

/// <summary>
/// Cells and rows as RFC 4180 has them, in UTF-8. Spreadsheets take a text that begins like a formula for one, also from within quotes: such a text gets an
/// apostrophe, which they show as text. Numbers stay numbers.
/// </summary>
internal sealed class CsvWriter(IBufferWriter<byte> output)
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create("\",\r\n");
    private bool _isInRow;

    /// <summary>Whether the row has a cell.</summary>
    public bool IsInRow => _isInRow;

    public void Text(string? text)
    {
        Separate();
        if (string.IsNullOrEmpty(text)) return;
        var isFormula = text[0] is '=' or '+' or '-' or '@' or '\t' or '\r';
        var isQuoted = text.AsSpan().ContainsAny(Quoted);
        if (isQuoted) output.Write("\""u8);
        if (isFormula) output.Write("'"u8);
        Encoding.UTF8.GetBytes(isQuoted ? text.Replace("\"", "\"\"", StringComparison.Ordinal) : text, output);
        if (isQuoted) output.Write("\""u8);
    }

    public void Header(params ReadOnlySpan<string> names)
    {
        foreach (var name in names) Text(name);
        EndRow();
    }

    public void Number(double? number)
    {
        Separate();
        if (number is not { } value) return;
        var span = output.GetSpan(32);
        Utf8Formatter.TryFormat(value, span, out var length);
        output.Advance(length);
    }

    public void Number(long number)
    {
        Separate();
        var span = output.GetSpan(20);
        Utf8Formatter.TryFormat(number, span, out var length);
        output.Advance(length);
    }

    public void Flag(bool? flag)
    {
        Separate();
        if (flag is { } value) output.Write(value ? "true"u8 : "false"u8);
    }

    public void Instant(DateTimeOffset? instant)
    {
        Separate();
        if (instant is not { } value) return;
        var span = output.GetSpan(Rfc3339.MaxLength);
        output.Advance(Rfc3339.Write(value, span));
    }

    public void EndRow()
    {
        output.Write("\r\n"u8);
        _isInRow = false;
    }

    private void Separate()
    {
        if (_isInRow) output.Write(","u8);
        _isInRow = true;
    }
}
