using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using FleetTracker.Hosting.Tests;

namespace FleetTracker.Problems.Tests;

[Collection("api")]
public sealed class OpenApiTests(ApiFixture api)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task The_web_apps_copy_of_the_description_is_what_the_server_says()
    {
        using var client = api.Host.Client();
        var said = await client.GetAsync("/openapi/v1.json").JsonAsync();
        var copy = CopyOfTheWebApp();
        var kept = JsonNode.Parse(await File.ReadAllTextAsync(copy));
        if (JsonNode.DeepEquals(said, kept)) return;

        var written = Path.Combine(AppContext.BaseDirectory, "openapi.json");
        await File.WriteAllTextAsync(written, said.ToJsonString(Indented) + "\n");
        Assert.Fail($"{copy} differs at {Difference(said, kept, "$")}. Copy {written} over it and run `npm run generate` in src/Web.");
    }

    [Fact]
    public async Task The_policy_in_the_web_apps_readme_is_the_one_that_is_sent()
    {
        using var client = api.Host.Client();
        using var answer = await client.GetAsync("/health/live");
        var readme = await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(CopyOfTheWebApp())!, "README.md"));
        Assert.Contains(Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), readme.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    private static string CopyOfTheWebApp()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var copy = Path.Combine(folder.FullName, "src", "Web", "openapi.json");
            if (File.Exists(copy)) return copy;
        }

        throw new FileNotFoundException($"no src/Web/openapi.json above {AppContext.BaseDirectory}");
    }

    /// <summary>Where two descriptions first part.</summary>
    private static string Difference(JsonNode? said, JsonNode? kept, string path)
    {
        if (said is not JsonObject saidFields || kept is not JsonObject keptFields) return path;
        foreach (var name in saidFields.Select(field => field.Key).Union(keptFields.Select(field => field.Key), StringComparer.Ordinal))
        {
            if (!JsonNode.DeepEquals(saidFields[name], keptFields[name])) return Difference(saidFields[name], keptFields[name], $"{path}.{name}");
        }

        return path;
    }
}
