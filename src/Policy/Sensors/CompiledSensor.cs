using System.Text;
using FleetTracker.Ingestion;

namespace FleetTracker.Sensors;

/// <summary>Where a raw value stands in a fix.</summary>
internal enum SensorSource : byte
{
    Attributes,
    Ignition,
    Odometer,
}

/// <summary>A sensor that makes no sense.</summary>
public sealed class SensorException(string message) : Exception(message);

/// <summary>A sensor made ready to be read. Immutable.</summary>
public sealed class CompiledSensor
{
    private readonly double[] _raws;
    private readonly double[] _values;

    private CompiledSensor(Sensor definition)
    {
        (Definition, Rules) = (definition, definition.Rules);
        _raws = [.. Points.Select(point => point.Raw)];
        _values = [.. Points.Select(point => point.Value)];
        Path = Encoding.UTF8.GetBytes(Rules.Attribute);
        Source = Rules.Attribute switch { "ignition" => SensorSource.Ignition, "odometer" => SensorSource.Odometer, _ => SensorSource.Attributes };
        var last = Rules.Attribute[(Rules.Attribute.LastIndexOf('.') + 1)..];
        // Other characters may stand escaped in a row.
        Needle = last.Length > 0 && last.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or ' ') ? last : null;
        MinDuration = Rules.MinDuration ?? (Rules.Kind == SensorKind.Fuel ? SensorRules.DefaultFuelMinDuration : TimeSpan.Zero);
        Smoothing = Rules.Smoothing ?? SensorRules.DefaultSmoothing;
        MaxDuration = Rules.MaxDuration ?? SensorRules.DefaultMaxDuration;
    }

    public Sensor Definition { get; }

    public SensorRules Rules { get; }

    /// <summary>Whether anything may be told of it; else it is only shown.</summary>
    public bool IsWatched => Rules.Kind switch
    {
        SensorKind.Gauge => Rules.Low is not null || Rules.High is not null,
        SensorKind.Fuel => Rules.FillAmount is not null || Rules.DrainAmount is not null,
        _ => true,
    };

    internal ReadOnlyMemory<byte> Path { get; }

    internal SensorSource Source { get; }

    /// <summary>Attributes without this text do not have the value; <c>null</c> = only reading them tells.</summary>
    internal string? Needle { get; }

    internal TimeSpan MinDuration { get; }

    internal int Smoothing { get; }

    internal TimeSpan MaxDuration { get; }

    private IEnumerable<CalibrationPoint> Points => Rules.Calibration.IsDefaultOrEmpty ? [] : Rules.Calibration;

    /// <exception cref="SensorException">It makes no sense.</exception>
    public static CompiledSensor Compile(Sensor sensor)
    {
        ArgumentNullException.ThrowIfNull(sensor);
        var problems = SensorChecks.Check(sensor.Rules);
        if (problems.Count > 0) throw new SensorException(string.Join("; ", problems.Select(problem => $"{problem.Field} {problem.Message}")));
        return new CompiledSensor(sensor);
    }

    /// <summary>Beyond is what devices say when they know nothing; sums of values stay finite.</summary>
    private const double MaxValue = 1e15;

    /// <summary>The calibrated value of a raw one; <see cref="double.NaN"/> when it is none.</summary>
    public double ValueOf(double raw)
    {
        if (!double.IsFinite(raw) || raw < Rules.ValidMin || raw > Rules.ValidMax) return double.NaN;
        if (_raws.Length == 0) return Math.Abs(raw) <= MaxValue ? raw : double.NaN;
        var place = Array.BinarySearch(_raws, raw);
        if (place >= 0) return _values[place];
        var next = ~place;
        if (next == 0) return _values[0];
        if (next == _raws.Length) return _values[^1];
        return _values[next - 1] + ((_values[next] - _values[next - 1]) * (raw - _raws[next - 1]) / (_raws[next] - _raws[next - 1]));
    }

    /// <summary>What a fix says; false when it says nothing of it, or nothing that counts.</summary>
    public bool TryRead(Fix fix, out double raw, out double value)
    {
        Span<double> raws = [double.NaN];
        SensorReader.Read(fix, [this], raws);
        raw = raws[0];
        value = ValueOf(raw);
        return !double.IsNaN(value);
    }
}
