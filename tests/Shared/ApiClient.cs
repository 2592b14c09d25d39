using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace FleetTracker.Testing;

/// <summary>The HTTP API as a test calls it: signed in, following cursors.</summary>
internal sealed class ApiClient(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };

    public string AccessToken { get; private set; } = "";

    public async Task SignInAsync(string userName, string password)
    {
        using var answer = await _http.PostAsJsonAsync("/api/v1/auth/login", new { userName, password });
        answer.EnsureSuccessStatusCode();
        var tokens = await answer.Content.ReadFromJsonAsync<JsonElement>();
        AccessToken = tokens.GetProperty("accessToken").GetString()!;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AccessToken);
    }

    public Task<JsonElement> GetAsync(string path) => _http.GetFromJsonAsync<JsonElement>(path);

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null) =>
        _http.SendAsync(new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) });

    /// <summary>All items of a list.</summary>
    public async Task<List<JsonElement>> AllAsync(string path)
    {
        var items = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
            var page = await GetAsync(cursor is null ? path : $"{path}{separator}cursor={Uri.EscapeDataString(cursor)}");
            items.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.Clone()));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
        return items;
    }

    /// <summary>Vehicle ids by device id.</summary>
    public async Task<Dictionary<string, string>> VehiclesByDeviceAsync() =>
        (await AllAsync("/api/v1/vehicles?limit=1000")).ToDictionary(vehicle => vehicle.GetProperty("deviceId").GetString()!, vehicle => vehicle.GetProperty("id").GetString()!, StringComparer.Ordinal);

    public void Dispose() => _http.Dispose();
}
