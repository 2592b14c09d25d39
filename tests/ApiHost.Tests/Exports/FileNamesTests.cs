using CsCheck;

namespace FleetTracker.Exports.Tests;

public sealed class FileNamesTests
{
    [Theory]
    [InlineData("v1-trips", "v1-trips")]
    [InlineData("../../etc/passwd", "etc-passwd")]
    [InlineData("a\"; filename=\"b.exe", "a---filename--b.exe")]
    [InlineData("a\r\nSet-Cookie: x", "a--Set-Cookie--x")]
    [InlineData("Čas", "as")]
    [InlineData(".hidden", "hidden")]
    [InlineData("...", "export")]
    [InlineData("", "export")]
    public void A_name_is_safe_in_a_header_and_in_a_folder(string name, string expected) => Assert.Equal(expected, FileNames.Safe(name));

    [Fact]
    public void Every_name_is() =>
        Gen.String[0, 200].Sample(name => FileNames.Safe(name) is { Length: > 0 and <= 100 } safe && safe.All(c => char.IsAsciiLetterOrDigit(c) || "-_.".Contains(c, StringComparison.Ordinal)));

    [Fact]
    public void It_says_what_and_when()
    {
        var noon = LiveMap.Tests.Fleet.Noon;
        Assert.Equal("v1-trips-20260301T120000Z-20260301T130000Z", FileNames.Of("v1", "trips", noon, noon.AddHours(1)));
        Assert.Equal("events", FileNames.Of(null, "events", null, null));
    }
}
