using System.Text.Json;
using System.Text.Json.Serialization;

namespace FleetTracker.Bench;

/// <summary>Prints a result and writes it where it was asked for. The names in it are stable: gates and reports read them.</summary>
internal static class Results
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static async Task WriteAsync<T>(T result, FileInfo? file)
    {
        var text = JsonSerializer.Serialize(result, Json);
        Console.WriteLine(text);
        if (file is not null) await File.WriteAllTextAsync(file.FullName, text);
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
