using System.Globalization;
using FleetTracker.LiveMap;

namespace FleetTracker.Problems;

/// <summary>
/// Reads the parameters of one request and gathers what is wrong with them, so that a caller sees everything at once. A method returns
/// its default after an error; look at <see cref="Problem"/> before using anything.
/// </summary>
internal sealed class Parameters
{
    private readonly Dictionary<string, List<string>> _errors = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string[]> Errors => _errors.ToDictionary(e => e.Key, e => e.Value.ToArray(), StringComparer.Ordinal);

    public bool IsValid => _errors.Count == 0;

    public IResult? Problem => IsValid ? null : ApiProblems.Invalid(Errors);

    public void Refuse(string name, string message)
    {
        if (!_errors.TryGetValue(name, out var messages)) _errors[name] = messages = [];
        messages.Add(message);
    }

    public int Limit(string? value, int defaultValue)
    {
        if (value is null) return defaultValue;
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= 10_000) return limit;
        Refuse("limit", $"must be a whole number from 1 to 10,000, was '{Shown(value)}'");
        return defaultValue;
    }

    /// <summary>A number within bounds; <paramref name="defaultValue"/> is <c>null</c> when it must be given.</summary>
    public double Number(string name, string? value, double least, double most, double? defaultValue = null)
    {
        if (value is null && defaultValue is { } known) return known;
        if (double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        Refuse(name, value is null
            ? string.Create(CultureInfo.InvariantCulture, $"must be given: a number from {least} to {most}")
            : string.Create(CultureInfo.InvariantCulture, $"must be a number from {least} to {most}, was '{Shown(value)}'"));
        return 0;
    }

    /// <summary>RFC 3339 with an offset, kept to the microsecond.</summary>
    public DateTimeOffset? Instant(string name, string? value)
    {
        if (value is null) return null;

        // A plus that was not percent-encoded arrives as a space.
        var text = value.Replace(' ', '+');
        if (Rfc3339.TryParse(text, out var instant)) return instant;
        Refuse(name, $"must be an RFC 3339 time with its offset such as 2026-03-01T12:00:00Z, was '{Shown(value)}'");
        return null;
    }

    /// <summary>Refuses a span of time that ends before it begins.</summary>
    public void Order(string name, DateTimeOffset? from, DateTimeOffset? to)
    {
        if (from > to) Refuse(name, $"must not be later than to, was '{Rfc3339.Write(from.Value)}'");
    }

    public double? OptionalNumber(string name, string? value, double min, double max) => value is null ? null : Number(name, value, min, max);

    public T OneOf<T>(string name, string? value, T defaultValue, params ReadOnlySpan<(string Word, T Value)> words)
    {
        if (value is null) return defaultValue;
        var known = new List<string>();
        foreach (var (word, result) in words)
        {
            if (string.Equals(word, value, StringComparison.Ordinal)) return result;
            known.Add(word);
        }

        Refuse(name, $"must be one of {string.Join(", ", known)}, was '{Shown(value)}'");
        return defaultValue;
    }

    public string? Text(string name, string? value, int maxLength)
    {
        if (value is null || (value.Length is > 0 && value.Length <= maxLength)) return value;
        Refuse(name, $"must be 1 to {maxLength} characters long, was '{Shown(value)}'");
        return null;
    }

    /// <summary><c>west,south,east,north</c> in degrees; west &gt; east crosses the antimeridian.</summary>
    public Viewport? BoundingBox(string name, string? value)
    {
        if (value is null) return null;
        var parts = value.Split(',');
        var numbers = new double[4];
        var isRead = parts.Length == 4;
        for (var i = 0; isRead && i < 4; i++)
            isRead = double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]);
        if (!isRead)
        {
            Refuse(name, $"must be west,south,east,north in degrees, was '{Shown(value)}'");
            return null;
        }

        if (Viewport.TryCreate(numbers[0], numbers[1], numbers[2], numbers[3], zoom: 0, out var box, out var error)) return box;
        Refuse(name, $"is not a box: {error}; was '{Shown(value)}'");
        return null;
    }

    /// <summary>A cursor that an earlier answer gave out; its parts, or <c>null</c>.</summary>
    public string[]? Cursor(string? value, char kind, int parts)
    {
        if (value is null) return null;
        if (Cursors.TryRead(value, kind, parts) is { } read) return read;
        Refuse("cursor", $"is not one that this list gave out, was '{Shown(value)}'");
        return null;
    }

    private static string Shown(string value) => value.Length <= 80 ? value : string.Concat(value.AsSpan(0, 80), "…");
}
