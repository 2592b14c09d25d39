using System.Buffers;
using System.Text;
using System.Text.Json;

namespace FleetTracker.Ingestion;

/// <summary>
/// Gathers the members of the attributes object as they stand in the payload, without decoding them, and checks that every store can keep
/// them: no NUL and no lone surrogate in text, no number beyond a database's numeric type.
/// </summary>
internal ref struct AttributesBuilder
{
    public const int MaxBytes = 8 * 1024;
    private const int MaxMembers = 128;

    // Text that every store's JSON refuses can only come from an escape.
    private static readonly SearchValues<byte> Exponent = SearchValues.Create("eE"u8);

    [ThreadStatic]
    private static byte[]? t_buffer;

    private readonly byte[] _buffer;
    private int _length;
    private int _members;
    private bool _isTooLarge;

    public AttributesBuilder()
    {
        _buffer = t_buffer ??= new byte[MaxBytes];
    }

    public readonly bool IsEmpty => _members == 0 && !_isTooLarge;

    /// <summary>Adds a member whose name and value are JSON already.</summary>
    public void Add(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> rawValue)
    {
        var length = name.Length + rawValue.Length + 4;
        if (_isTooLarge || _length + length + 1 > MaxBytes || _members == MaxMembers)
        {
            _isTooLarge = true;
            return;
        }

        _buffer[_length++] = (byte)(_members++ == 0 ? '{' : ',');
        _buffer[_length++] = (byte)'"';
        name.CopyTo(_buffer.AsSpan(_length));
        _length += name.Length;
        _buffer[_length++] = (byte)'"';
        _buffer[_length++] = (byte)':';
        rawValue.CopyTo(_buffer.AsSpan(_length));
        _length += rawValue.Length;
    }

    /// <summary>Adds the value that the reader stands at, and leaves the reader at its end.</summary>
    public void AddValue(scoped ReadOnlySpan<byte> name, ref Utf8JsonReader reader, scoped ReadOnlySpan<byte> json, ref DecodedElement element)
    {
        var start = (int)reader.TokenStartIndex;
        Check(ref reader, ref element);
        if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            var depth = reader.CurrentDepth;
            while (reader.Read() && reader.CurrentDepth > depth)
            {
                if (reader.CurrentDepth > JsonPayload.MaxDepth) throw new TooDeepException();
                Check(ref reader, ref element);
            }
        }

        Add(name, json[start..(int)reader.BytesConsumed]);
    }

    /// <summary>The object, or <c>null</c> when it would be empty.</summary>
    public readonly string? Build(ref DecodedElement element)
    {
        if (_isTooLarge)
        {
            element.Refuse(Refusals.AttributesTooLarge, $"The attributes are larger than {MaxBytes} bytes or {MaxMembers} members.");
            return null;
        }

        if (_members == 0) return null;
        _buffer[_length] = (byte)'}';
        return Encoding.UTF8.GetString(_buffer, 0, _length + 1);
    }

    private static void Check(ref Utf8JsonReader reader, ref DecodedElement element)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String or JsonTokenType.PropertyName when reader.ValueIsEscaped:
                if (!IsKeepable(ref reader)) element.Refuse(Refusals.BadText, "A text holds U+0000 or half of a surrogate pair.");
                break;
            case JsonTokenType.Number when !IsKeepableNumber(reader.ValueSpan):
                element.Refuse(Refusals.NumberOutOfRange, $"A number is {JsonPayload.Show(ref reader)}.");
                break;
            default:
                break;
        }
    }

    private static bool IsKeepable(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()?.Contains('\0', StringComparison.Ordinal) == false;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static bool IsKeepableNumber(ReadOnlySpan<byte> text)
    {
        var exponent = text.IndexOfAny(Exponent);
        return exponent < 0 ? text.Length <= 400 : exponent <= 400 && text.Length - exponent <= 5;
    }
}
