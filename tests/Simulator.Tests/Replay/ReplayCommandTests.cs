using FleetTracker.Simulation;

namespace FleetTracker.Simulator.Tests.Replay;

public sealed class ReplayCommandTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8080", true)]
    [InlineData("https://fleet.example/", true)]
    [InlineData("127.0.0.1:8080", false)]
    [InlineData("ftp://127.0.0.1", false)]
    public void An_address_is_taken_or_refused_with_a_reason(string address, bool isAddress)
    {
        var parsed = ReplayCommand.Create().Parse(["trace.csv", "--verify", "--api", address]);

        if (isAddress) Assert.Equal(new Uri(address), parsed.GetValue<Uri>("--api"));
        else Assert.Contains($"'{address}' is no http or https address.", parsed.Errors.Select(error => error.Message));
    }
}
