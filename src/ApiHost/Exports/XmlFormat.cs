using System.Buffers;
using System.Globalization;
using System.Text;
using System.Xml;

namespace FleetTracker.Exports;

/// <summary>A file in XML. What is written waits in a buffer for the next flush, so the answer's stream is never written to by a thread that would wait.</summary>
internal abstract class XmlFormat<T> : IExportFormat<T>
{
    private readonly MemoryStream _buffer = new();
    private XmlWriter? _writer;
    private IBufferWriter<byte>? _output;

    private XmlWriter Xml => _writer ?? throw new InvalidOperationException("not begun");

    public abstract string ContentType { get; }

    public abstract string Extension { get; }

    public void Begin(IBufferWriter<byte> output)
    {
        _output = output;
        _writer = XmlWriter.Create(_buffer, new XmlWriterSettings { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), CloseOutput = false });
        Xml.WriteStartDocument();
        Begin(Xml);
    }

    public void Write(T item) => Write(Xml, item);

    public void End()
    {
        End(Xml);
        Xml.WriteEndDocument();
    }

    public void Flush()
    {
        Xml.Flush();
        _output!.Write(_buffer.GetBuffer().AsSpan(0, (int)_buffer.Length));
        _buffer.SetLength(0);
    }

    public void Dispose()
    {
        _writer?.Dispose();
        _buffer.Dispose();
    }

    protected abstract void Begin(XmlWriter xml);

    protected abstract void Write(XmlWriter xml, T item);

    protected abstract void End(XmlWriter xml);

    /// <summary>Without an exponent, which decimals of XML Schema do not have.</summary>
    protected static string Decimal(double number)
    {
        Span<byte> plain = stackalloc byte[ShortDecimals.MaxLength];
        return ShortDecimals.TryWritePlain(number, plain, out var length)
            ? Encoding.ASCII.GetString(plain[..length])
            : number.ToString("0.##########", CultureInfo.InvariantCulture);
    }

    /// <summary>Without the characters that XML cannot have at all, not even escaped.</summary>
    protected static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (XmlConvert.IsXmlChar(text[i])) clean.Append(text[i]);
            else if (i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i])) clean.Append(text[i]).Append(text[++i]);
        }

        return clean.ToString();
    }
}
