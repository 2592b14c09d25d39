using System.Text.Json;

namespace FleetTracker.Vehicles.Tests;

public sealed class VehicleSettingsTests
{
    private static (VehicleOptions Options, string[] Problems) Apply(string json, VehicleOptions? below = null)
    {
        using var document = JsonDocument.Parse(json);
        var problems = new List<SettingProblem>();
        var options = VehicleSettings.Apply(below ?? new VehicleOptions(), document.RootElement, problems);
        return (options, [.. problems.Select(problem => $"{problem.Name} {problem.Message}")]);
    }

    [Fact]
    public void Nothing_overridden_is_what_is_below()
    {
        var below = new VehicleOptions { MaxSpeedMetersPerSecond = 40 };
        Assert.Equal(below, Apply("{}", below).Options);
        Assert.NotSame(below, Apply("{}", below).Options);
    }

    [Fact]
    public void Every_option_can_be_read_and_written_back()
    {
        var options = new VehicleOptions { SpeedLimitMetersPerSecond = 22.5, IdlingAfter = null, FenceCrossings = false, MinStopDuration = TimeSpan.FromMilliseconds(1_500) };
        Assert.Equal(VehicleSettings.Names.Length, typeof(VehicleOptions).GetProperties().Length);
        var (again, problems) = Apply(JsonSerializer.Serialize(VehicleSettings.Read(options)));
        Assert.Empty(problems);
        Assert.Equal(options, again);
    }

    [Fact]
    public void Spans_are_in_seconds_and_null_is_never()
    {
        var (options, problems) = Apply("""{"minStopDuration":0.5,"idlingAfter":null,"speedLimitMetersPerSecond":13.9}""");
        Assert.Empty(problems);
        Assert.Equal((TimeSpan.FromMilliseconds(500), null, 13.9), (options.MinStopDuration, options.IdlingAfter, options.SpeedLimitMetersPerSecond));
    }

    [Theory]
    [InlineData("""{"minStopDuration":"5 min"}""", "minStopDuration must be a number of seconds, was \"5 min\"")]
    [InlineData("""{"minStopDuration":1e300}""", "minStopDuration must be a number of seconds, was 1e300")]
    [InlineData("""{"minStopDuration":604801}""", "minStopDuration must be 0 to 7 days, was 604801", "tripSilence must not be less than minStopDuration (604801), was 900")]
    [InlineData("""{"maxSpeedMetersPerSecond":null}""", "maxSpeedMetersPerSecond must be a number, was null")]
    [InlineData("""{"maxSpeedMetersPerSecond":0}""", "maxSpeedMetersPerSecond must be 1 to 1000000000 m/s, was 0")]
    [InlineData("""{"fixesToBelieveAJump":3.5}""", "fixesToBelieveAJump must be a whole number, was 3.5")]
    [InlineData("""{"fenceCrossings":"yes"}""", "fenceCrossings must be true or false, was \"yes\"")]
    [InlineData("""{"speedLimit":3}""", "speedLimit is no setting, was 3")]
    [InlineData("7", " must be an object, was 7")]
    public void What_makes_no_sense_is_told_with_its_name_and_value(string json, params string[] expected) => Assert.Equal(expected, Apply(json).Problems);
}
