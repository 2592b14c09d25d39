using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace FleetTracker.Simulation;

/// <summary>The little of the HTTP interface that a verification and a benchmark need.</summary>
public sealed class FleetApiClient(HttpClient http, Uri baseAddress, string userName, string password, TimeProvider clock)
{
    private const int MaxAttempts = 10;
    private string? _token;

    /// <summary>An access token, for clients that cannot go through this one.</summary>
    public async Task<string> TokenAsync(CancellationToken cancellationToken)
    {
        if (_token is not null) return _token;

        using var response = await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Post, At("api/v1/auth/login")) { Content = JsonContent.Create(new { userName, password }) },
            authorize: false, cancellationToken);
        return _token = (await BodyAsync(response, cancellationToken)).GetProperty("accessToken").GetString()!;
    }

    /// <summary>Creates a gateway's credentials; the password is shown this once.</summary>
    public async Task<MqttCredentials> CreateGatewayAsync(string name, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Post, At("api/v1/devices/gateways")) { Content = JsonContent.Create(new { name }) },
            authorize: true, cancellationToken);
        var body = await BodyAsync(response, cancellationToken);
        return new MqttCredentials(body.GetProperty("userName").GetString(), body.GetProperty("password").GetString());
    }

    /// <summary>The vehicle that each device is paired with.</summary>
    public async Task<IReadOnlyDictionary<string, string>> VehiclesByDeviceAsync(CancellationToken cancellationToken)
    {
        var vehicles = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var item in ItemsAsync("api/v1/vehicles?limit=1000", cancellationToken))
        {
            if (item.TryGetProperty("deviceId", out var device) && device.GetString() is { } deviceId)
                vehicles[deviceId] = item.GetProperty("id").GetString()!;
        }

        return vehicles;
    }

    /// <summary>The whole history of a vehicle, refused positions included, in the server's order.</summary>
    public async IAsyncEnumerable<HistoryRow> HistoryAsync(string vehicleId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = $"api/v1/vehicles/{Uri.EscapeDataString(vehicleId)}/positions?verdict=all&limit=10000";
        await foreach (var item in ItemsAsync(path, cancellationToken)) yield return HistoryRow.Parse(item);
    }

    private async IAsyncEnumerable<JsonElement> ItemsAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var page = cursor is null ? path : $"{path}&cursor={Uri.EscapeDataString(cursor)}";
            using var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, At(page)), authorize: true, cancellationToken);
            var body = await BodyAsync(response, cancellationToken);
            foreach (var item in body.GetProperty("items").EnumerateArray()) yield return item;
            cursor = body.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (cursor is not null);
    }

    /// <summary>Waits as long as the server asks to when it is busy; signs in again when the token has run out.</summary>
    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> create, bool authorize, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = create();
            if (authorize) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(cancellationToken));
            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.IsSuccessStatusCode) return response;

            var (status, retryAfter) = (response.StatusCode, response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1));
            var problem = await response.Content.ReadAsStringAsync(cancellationToken);
            response.Dispose();
            var expired = authorize && status == HttpStatusCode.Unauthorized && attempt == 1;
            if (expired) _token = null;
            else if (status is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable) || attempt == MaxAttempts)
                throw new HttpRequestException($"{request.Method} {request.RequestUri} → {(int)status}: {problem}", null, status);
            else await Task.Delay(retryAfter, clock, cancellationToken);
        }
    }

    private static async Task<JsonElement> BodyAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);

    private Uri At(string path) => new(baseAddress, path);
}

/// <summary>One row of a vehicle's history as the server tells it.</summary>
public sealed record HistoryRow(
    DateTimeOffset FixedAt, DateTimeOffset ReceivedAt, double? Latitude, double? Longitude,
    double? SpeedMetersPerSecond, double? HeadingDegrees, double? AccuracyMeters, string Verdict)
{
    public static HistoryRow Parse(JsonElement item) => new(
        item.GetProperty("fixedAt").GetDateTimeOffset(), item.GetProperty("receivedAt").GetDateTimeOffset(),
        Number(item, "lat"), Number(item, "lon"), Number(item, "speed"), Number(item, "heading"), Number(item, "accuracy"),
        item.GetProperty("verdict").GetString() ?? "");

    private static double? Number(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
