using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace FleetTracker.Hosting.Tests;

/// <summary>Requests that change something, and the tags that keep editors apart.</summary>
internal static class Edits
{
    public static async Task<HttpResponseMessage> SendJsonAsync(
        this HttpClient client, HttpMethod method, string path, string? body, string? ifMatch = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type));
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return await client.SendAsync(request);
    }

    public static Task<HttpResponseMessage> PostTextAsync(this HttpClient client, string path, string body) => client.SendJsonAsync(HttpMethod.Post, path, body);

    public static Task<HttpResponseMessage> PatchTextAsync(this HttpClient client, string path, string body, string? ifMatch = null) =>
        client.SendJsonAsync(HttpMethod.Patch, path, body, ifMatch);

    public static Task<HttpResponseMessage> PutTextAsync(this HttpClient client, string path, string body, string? ifMatch = null) =>
        client.SendJsonAsync(HttpMethod.Put, path, body, ifMatch);

    public static async Task<string> TagAsync(this Task<HttpResponseMessage> sent)
    {
        using var response = await sent;
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        return response.Headers.ETag!.Tag;
    }

    public static async Task ExpectAsync(this Task<HttpResponseMessage> sent, int status)
    {
        using var response = await sent;
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} instead of {status}: {await response.Content.ReadAsStringAsync()}");
    }

    /// <summary>All wrong members of a 422 and what is said of each, one per line, in order.</summary>
    public static async Task<string[]> ErrorsAsync(this Task<HttpResponseMessage> sent)
    {
        var problem = await sent.ProblemAsync(422, "/problems/invalid-parameters");
        return Lines(problem["errors"]!);
    }

    public static string[] Lines(JsonNode errors) =>
        [.. errors.AsObject().SelectMany(error => error.Value!.AsArray().Select(message => $"{error.Key} {message}")).Order(StringComparer.Ordinal)];
}
