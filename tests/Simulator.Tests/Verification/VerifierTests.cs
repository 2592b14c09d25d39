using System.Globalization;
using System.Net;
using System.Text;
using FleetTracker.Simulation;
using Microsoft.Extensions.Time.Testing;

namespace FleetTracker.Simulator.Tests.Verification;

public sealed class VerifierTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Uri Address = new("http://api.test/");

    [Fact]
    public async Task A_server_that_holds_all_pages_of_what_was_sent_is_verified()
    {
        var elements = Enumerable.Range(0, 5).Select(i => Elements.At(Noon.AddSeconds(i), 60, 25)).ToList();
        using var server = new FakeApi(elements);

        var result = await VerifyAsync(server, elements);

        Assert.Empty(result.Differences);
        Assert.Equal(5, result.RowsRead);
        Assert.Equal(5, result.Expected[SourceGroup.InOrder]);
    }

    [Fact]
    public async Task A_lost_fix_and_an_unknown_device_are_told()
    {
        var elements = Enumerable.Range(0, 5).Select(i => Elements.At(Noon.AddSeconds(i), 60, 25)).ToList();
        using var server = new FakeApi(elements[1..]);

        var result = await VerifyAsync(server, [.. elements, Elements.At(Noon, 60, 25, "bus-2")]);

        Assert.Equal(2, result.Differences.Count);
        Assert.Contains(result.Differences, d => d.StartsWith("bus-1: missing: 2026-03-01T12:00:00Z", StringComparison.Ordinal));
        Assert.Contains("bus-2: no vehicle has this device", result.Differences);
    }

    [Fact]
    public async Task A_recording_of_which_nothing_is_stored_is_not_verified()
    {
        var elements = Enumerable.Range(0, 5).Select(i => Elements.At(Noon.AddYears(-30).AddSeconds(i), 60, 25)).ToList();
        using var server = new FakeApi([]);

        var result = await VerifyAsync(server, elements);

        Assert.Equal(5, result.Expected[SourceGroup.Rejected]);
        Assert.Equal(["nothing to verify: none of the 5 elements is one that the server should have stored"], result.Differences);
    }

    [Fact]
    public async Task A_token_that_has_run_out_is_renewed()
    {
        var elements = new List<TraceElement> { Elements.At(Noon, 60, 25) };
        using var server = new FakeApi(elements) { RefuseTokensAfter = 1 };

        Assert.Empty((await VerifyAsync(server, elements)).Differences);
        Assert.Equal(2, server.SignIns);
    }

    private static async Task<VerificationResult> VerifyAsync(FakeApi server, List<TraceElement> elements)
    {
        var clock = new FakeTimeProvider(Noon);
        using var http = new HttpClient(server, disposeHandler: false);
        var verifier = new Verifier(new FleetApiClient(http, Address, "admin", "secret", clock), http, metrics: null, clock);
        var bounds = new SourceBounds { ReceivedAt = Noon, LateWindow = TimeSpan.FromDays(7) };
        var replay = new ReplayResult(elements.Count, elements.Count, 0, 1, TimeSpan.FromSeconds(1));
        return await verifier.VerifyAsync(
            elements, bounds, replay, new Dictionary<SourceGroup, long>(), TestContext.Current.CancellationToken);
    }

    /// <summary>Signs in, lists one vehicle, and gives its history two rows at a time.</summary>
    private sealed class FakeApi(IReadOnlyList<TraceElement> stored) : HttpMessageHandler
    {
        private int _answers;

        public int RefuseTokensAfter { get; init; } = int.MaxValue;

        public int SignIns { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.RequestUri!.AbsolutePath;
            if (path == "/api/v1/auth/login")
            {
                SignIns++;
                return Answer($$"""{"accessToken":"token-{{SignIns}}","refreshToken":"r","expiresIn":900}""");
            }

            if (request.Headers.Authorization?.Parameter == "token-1" && ++_answers > RefuseTokensAfter)
                return Answer("""{"type":"/problems/unauthorized"}""", HttpStatusCode.Unauthorized);
            return path == "/api/v1/vehicles"
                ? Answer("""{"items":[{"id":"v1","deviceId":"bus-1"},{"id":"v0","deviceId":null}],"next":null}""")
                : Answer(History(request.RequestUri.Query));
        }

        private string History(string query)
        {
            var at = query.IndexOf("cursor=", StringComparison.Ordinal);
            var skip = at < 0 ? 0 : int.Parse(query[(at + 7)..], CultureInfo.InvariantCulture);
            var rows = stored.Skip(skip).Take(2).Select(e =>
                $$"""{"vehicleId":"v1","fixedAt":"{{e.FixedAt:O}}","receivedAt":"{{Noon:O}}","lat":60,"lon":25,"altitude":null,"speed":4.5,"heading":null,"accuracy":null,"verdict":"accepted"}""");
            var next = skip + 2 < stored.Count ? $"\"{skip + 2}\"" : "null";
            return $$"""{"items":[{{string.Join(',', rows)}}],"next":{{next}}}""";
        }

        private static Task<HttpResponseMessage> Answer(string json, HttpStatusCode status = HttpStatusCode.OK) =>
            Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(json, Encoding.UTF8, "application/json") });
    }
}
