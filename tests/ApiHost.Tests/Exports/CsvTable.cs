using System.Text;

namespace FleetTracker.Exports.Tests;

/// <summary>Reads RFC 4180 by the letter; anything else is an error.</summary>
internal static class CsvTable
{
    public static List<List<string>> Parse(string text)
    {
        var rows = new List<List<string>>();
        var row = new List<string>();
        var i = 0;
        while (i < text.Length)
        {
            row.Add(Cell(text, ref i));
            if (i < text.Length && text[i] == ',')
            {
                i++;
                if (i == text.Length || text.AsSpan(i).StartsWith("\r\n")) row.Add("");
                else continue;
            }

            if (!text.AsSpan(i).StartsWith("\r\n")) throw new FormatException($"no end of row at {i}");
            i += 2;
            rows.Add(row);
            row = [];
        }

        return rows;
    }

    private static string Cell(string text, ref int i)
    {
        var cell = new StringBuilder();
        if (text[i] != '"')
        {
            while (i < text.Length && text[i] is not (',' or '\r' or '\n'))
            {
                if (text[i] == '"') throw new FormatException($"a quote within a bare cell at {i}");
                cell.Append(text[i++]);
            }

            return cell.ToString();
        }

        for (i++; ; i++)
        {
            if (text[i] != '"')
            {
                cell.Append(text[i]);
                continue;
            }

            i++;
            if (i == text.Length || text[i] != '"') return cell.ToString();
            cell.Append('"');
        }
    }
}
