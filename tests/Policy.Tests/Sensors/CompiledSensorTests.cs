using FleetTracker.Ingestion;

namespace FleetTracker.Sensors;

public sealed class CompiledSensorTests
{
    private static readonly CalibrationPoint[] Tank = [new(100, 0), new(200, 40), new(1_000, 240)];

    private static double? Read(string attributes, string attribute, bool? ignition = null, double? odometer = null)
    {
        var sensor = CompiledSensor.Compile(TestSensors.Of("s", new SensorRules { Attribute = attribute, Kind = SensorKind.Gauge }));
        var fix = Fixes.At(0) with { Attributes = attributes, Ignition = ignition, OdometerMeters = odometer };
        return sensor.TryRead(fix, out _, out var value) ? value : null;
    }

    [Theory]
    [InlineData(100, 0)]
    [InlineData(200, 40)]
    [InlineData(1_000, 240)]
    [InlineData(150, 20)]
    [InlineData(600, 140)]
    [InlineData(99.9, 0)]
    [InlineData(-1e300, 0)]
    [InlineData(1_000.1, 240)]
    [InlineData(1e300, 240)]
    public void A_calibration_is_straight_between_its_points_and_level_beyond_them(double raw, double value) =>
        Assert.Equal(value, CompiledSensor.Compile(TestSensors.Of("s", TestSensors.Fuel() with { Calibration = [.. Tank] })).ValueOf(raw), 9);

    [Fact]
    public void A_calibration_may_fall() =>
        Assert.Equal(75, CompiledSensor.Compile(TestSensors.Of("s", TestSensors.Fuel() with { Calibration = [new(0, 100), new(4, 0)] })).ValueOf(1), 9);

    [Fact]
    public void Without_a_calibration_the_raw_value_is_the_value() =>
        Assert.Equal(-7.25, CompiledSensor.Compile(TestSensors.Of("s", TestSensors.Gauge())).ValueOf(-7.25));

    [Theory]
    [InlineData(-40, true)]
    [InlineData(-40.01, false)]
    [InlineData(125, true)]
    [InlineData(125.01, false)]
    [InlineData(double.NaN, false)]
    [InlineData(double.PositiveInfinity, false)]
    public void Raw_values_out_of_bounds_are_none(double raw, bool isValue)
    {
        var sensor = CompiledSensor.Compile(TestSensors.Of("s", TestSensors.Gauge() with { ValidMin = -40, ValidMax = 125, Calibration = [new(-40, 0), new(125, 1)] }));
        Assert.Equal(isValue, !double.IsNaN(sensor.ValueOf(raw)));
    }

    [Theory]
    [InlineData("""{"temp":4.5}""", "temp", 4.5)]
    [InlineData("""{"temp":"-3.25"}""", "temp", -3.25)]
    [InlineData("""{"temp":true}""", "temp", 1.0)]
    [InlineData("""{"temp":false}""", "temp", 0.0)]
    [InlineData("""{"door":"Open"}""", "door", 1.0)]
    [InlineData("""{"door":"closed"}""", "door", 0.0)]
    [InlineData("""{"temp":null}""", "temp", null)]
    [InlineData("""{"temp":"warm"}""", "temp", null)]
    [InlineData("""{"temp":""}""", "temp", null)]
    [InlineData("""{"temp":"4 C"}""", "temp", null)]
    [InlineData("""{"temp":"Infinity"}""", "temp", null)]
    [InlineData("""{"temp":[4]}""", "temp", null)]
    [InlineData("""{"temp":{"temp":4}}""", "temp", null)]
    [InlineData("""{"Temp":4}""", "temp", null)]
    [InlineData("""{"a":{"temp":4},"temp":5}""", "temp", 5.0)]
    [InlineData("""{"can":{"fuel":{"level":70}}}""", "can.fuel.level", 70.0)]
    [InlineData("""{"can.fuel":{"level":71}}""", "can.fuel.level", 71.0)]
    [InlineData("""{"can.fuel.level":72}""", "can.fuel.level", 72.0)]
    [InlineData("""{"can":{"fuel":1},"level":3}""", "can.level", null)]
    [InlineData("""{"can":{"a":{"b":1}},"cam":{"level":3}}""", "cam.level", 3.0)]
    [InlineData("""{"list":[{"temp":1}],"temp":2}""", "temp", 2.0)]
    [InlineData("""{"temp":1,"temp":2}""", "temp", 1.0)]
    [InlineData("""{"s\u00e4ili\u00f6":6}""", "säiliö", 6.0)]
    [InlineData("""{"säiliö":6}""", "säiliö", 6.0)]
    [InlineData("""{"io 66":12}""", "io 66", 12.0)]
    [InlineData("""{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{"i":1}}}}}}}},"temp":3}""", "temp", 3.0)]
    [InlineData("""{"temp":8,"other":1""", "temp", 8.0)]
    [InlineData("""[{"temp":1}]""", "temp", null)]
    [InlineData("no json temp", "temp", null)]
    [InlineData("""{"temp":1e999}""", "temp", null)]
    public void A_value_is_found_by_its_path(string attributes, string attribute, double? expected) => Assert.Equal(expected, Read(attributes, attribute));

    [Fact]
    public void A_long_row_is_read_too() => Assert.Equal(9, Read($$"""{"note":"{{new string('ä', 3_000)}}","{{new string('n', 600)}}":1,"temp":9}""", "temp"));

    [Fact]
    public void Ignition_and_odometer_are_what_the_fix_itself_says()
    {
        Assert.Equal(1, Read("""{"ignition":false}""", "ignition", ignition: true));
        Assert.Equal(0, Read("{}", "ignition", ignition: false));
        Assert.Equal(1_250.5, Read("{}", "odometer", odometer: 1_250.5));
        Assert.Null(Read("{}", "ignition"));
    }

    [Fact]
    public void Several_sensors_of_one_row_are_read_together()
    {
        CompiledSensor[] sensors = [.. new[] { "a", "b.c", "a", "missing", "ignition" }.Select((attribute, i) =>
            CompiledSensor.Compile(TestSensors.Of($"s{i}", new SensorRules { Attribute = attribute, Kind = SensorKind.Gauge })))];
        var raws = new double[sensors.Length];
        SensorReader.Read(Fixes.At(0) with { Attributes = """{"b":{"c":2},"a":1}""", Ignition = true }, sensors, raws);
        Assert.Equal([1, 2, 1, double.NaN, 1], raws);
    }

    [Theory]
    [InlineData("calibration has one point", "calibration must have no point or 2 to 100, has 1")]
    [InlineData("raw values do not grow", "calibration[2] must have a greater raw value than the point before, which has 2, was 2")]
    [InlineData("low above high", "low must be less than high, which is 2, was 8")]
    [InlineData("hysteresis too wide", "hysteresis must not be more than lies between low and high, which is 6, was 7")]
    [InlineData("even smoothing", "smoothing must be an odd number from 1 to 15, was 4")]
    [InlineData("no amount", "fillAmount must be more than 0, was 0")]
    [InlineData("of another kind", "low is not for this kind of sensor, was 1")]
    [InlineData("short duration of fuel", "minDuration must be 10 to 3600 s, was 9")]
    [InlineData("valid range", "validMin must not be more than validMax, which is 1, was 2")]
    public void What_makes_no_sense_is_told_with_its_value(string what, string expected)
    {
        var rules = what switch
        {
            "calibration has one point" => TestSensors.Gauge() with { Calibration = [new(1, 1)] },
            "raw values do not grow" => TestSensors.Gauge() with { Calibration = [new(1, 1), new(2, 2), new(2, 3)] },
            "low above high" => TestSensors.Gauge(low: 8, high: 2),
            "hysteresis too wide" => TestSensors.Gauge(low: 2, high: 8, hysteresis: 7),
            "even smoothing" => TestSensors.Fuel(smoothing: 4),
            "no amount" => TestSensors.Fuel(fill: 0),
            "of another kind" => TestSensors.Fuel() with { Low = 1 },
            "short duration of fuel" => TestSensors.Fuel(minSeconds: 9),
            _ => TestSensors.Gauge() with { ValidMin = 2, ValidMax = 1 },
        };
        var problem = Assert.Single(SensorChecks.Check(rules));
        Assert.Equal(expected, $"{problem.Field} {problem.Message}");
        Assert.Throws<SensorException>(() => CompiledSensor.Compile(TestSensors.Of("s", rules)));
    }
}
