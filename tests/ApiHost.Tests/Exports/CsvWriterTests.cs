using System.Buffers;
using System.Globalization;
using System.Text;
using CsCheck;

namespace FleetTracker.Exports.Tests;

public sealed class CsvWriterTests
{
    private static readonly Gen<string> Text = Gen.OneOf(Gen.Char['\0', '~'], Gen.OneOf(",\"\r\n=+-@\t'".Select(c => Gen.Const(c)).ToArray()), Gen.Const('ü'))
        .Array[0, 12].Select(chars => new string(chars));

    private static string Write(Action<CsvWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var csv = new CsvWriter(buffer);
        write(csv);
        csv.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData("two words", "two words")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\"")]
    [InlineData("\"", "\"\"\"\"")]
    [InlineData("line\nbreak", "\"line\nbreak\"")]
    [InlineData("line\r\nbreak", "\"line\r\nbreak\"")]
    [InlineData("Überfall 🚨", "Überfall 🚨")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+49 30", "'+49 30")]
    [InlineData("-5", "'-5")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("\n=1", "\"'\n=1\"")]
    [InlineData("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"")]
    [InlineData("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0")]
    [InlineData("a=1", "a=1")]
    [InlineData("1-2", "1-2")]
    [InlineData("'quoted'", "'quoted'")]
    [InlineData(" =1", " =1")]
    [InlineData("{\"a\":1}", "\"{\"\"a\"\":1}\"")]
    public void Texts_are_quoted_where_they_must_be_and_never_a_formula(string text, string expected) =>
        Assert.Equal(expected + "\r\n", Write(csv =>
        {
            csv.Text(text);
            csv.EndRow();
        }));

    [Theory]
    [InlineData(-5.25, "-5.25")]
    [InlineData(0.0, "0")]
    [InlineData(60.1699, "60.1699")]
    [InlineData(null, "")]
    public void Numbers_stay_numbers(double? number, string expected) => Assert.Equal(expected, Write(csv => csv.Number(number)));

    [Fact]
    public void Numbers_keep_every_digit() =>
        Gen.Double.Where(double.IsFinite).Sample(number => double.Parse(Write(csv => csv.Number(number)), CultureInfo.InvariantCulture) == number);

    [Fact]
    public void Other_cells_are_what_JSON_has() => Assert.Equal(
        "true,false,,2026-03-01T12:00:00.5Z,,-7\r\n",
        Write(csv =>
        {
            csv.Flag(true);
            csv.Flag(false);
            csv.Flag(null);
            csv.Instant(LiveMap.Tests.Fleet.Noon.AddSeconds(0.5));
            csv.Instant(null);
            csv.Number(-7L);
            csv.EndRow();
        }));

    [Fact]
    public void Any_table_is_read_back_as_it_was_written() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[0, 6]).SelectMany(size => Text.Array[size.Item1].Array[size.Item2]).Sample(rows =>
        {
            var read = CsvTable.Parse(Write(csv =>
            {
                foreach (var row in rows)
                {
                    foreach (var cell in row) csv.Text(cell);
                    csv.EndRow();
                }
            }));
            Assert.Equal(rows.Length, read.Count);
            for (var i = 0; i < rows.Length; i++) Assert.Equal(rows[i].Select(Defused), read[i]);
        });

    private static string Defused(string text) => text.Length > 0 && "=+-@\t\r\n".Contains(text[0], StringComparison.Ordinal) ? "'" + text : text;

    /// <summary>Cells gather in a buffer: texts below, at and beyond its size, with neighbors, come out whole and in order.</summary>
    [Fact]
    public void Texts_of_any_length_come_out_whole() =>
        Gen.Select(Gen.Int[0, 40_000], Gen.Int[0, 3]).Array[1, 6].Sample(cells =>
        {
            var texts = cells.Select(cell => new string("aü漢\""[cell.Item2], cell.Item1)).ToArray();
            var expected = string.Concat(texts.Select((text, i) =>
                $"{(i == 0 ? "" : ",")}{(text.Contains('"', StringComparison.Ordinal) ? $"\"{text}{text}\"" : text)},-0.5,2026-11-24T08:00:00Z"));
            var written = Write(csv =>
            {
                foreach (var text in texts)
                {
                    csv.Text(text);
                    csv.Number(-0.5);
                    csv.Instant(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
                }
            });
            Assert.Equal(expected, written);
        }, iter: 200);
}
