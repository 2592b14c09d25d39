using System.Globalization;
using System.Text.Json;

namespace FleetTracker.Problems;

/// <summary>
/// Reads the members of one JSON object and tells what is wrong with them by their path. Every method returns <c>null</c> for a member that is
/// missing, <c>null</c> or wrong.
/// </summary>
internal sealed class JsonFields
{
    private static readonly JsonElement Empty = JsonSerializer.SerializeToElement(new object());

    private readonly JsonElement _object;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    private JsonFields(JsonElement element, string path, Parameters parameters) => (_object, Path, Parameters) = (element, path, parameters);

    public string Path { get; }

    public Parameters Parameters { get; }

    /// <param name="path">Empty for the body itself.</param>
    public static JsonFields? Of(JsonElement element, string path, Parameters parameters)
    {
        if (element.ValueKind == JsonValueKind.Object) return new JsonFields(element, path, parameters);
        parameters.Refuse(path.Length == 0 ? "body" : path, $"must be an object, was {Shown(element)}");
        return null;
    }

    public string PathOf(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    public void Refuse(string name, string message) => Parameters.Refuse(PathOf(name), message);

    public JsonElement? Member(string name)
    {
        _known.Add(name);
        return _object.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;
    }

    public JsonElement? Required(string name)
    {
        var member = Member(name);
        if (member is null) Refuse(name, "is missing");
        return member;
    }

    public JsonFields? Object(string name) => Member(name) is { } member ? Of(member, PathOf(name), Parameters) : null;

    /// <summary>A member that must be there, where <c>null</c> is an object without members.</summary>
    public JsonFields? ObjectOrNull(string name)
    {
        if (_object.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Null) return new JsonFields(Empty, PathOf(name), Parameters);
        return Required(name) is null ? null : Object(name);
    }

    /// <summary>1 to <paramref name="maxLength"/> characters without control characters, spaces around them taken away.</summary>
    public string? Text(string name, int maxLength)
    {
        if (Member(name) is not { } member) return null;
        if (member.ValueKind != JsonValueKind.String)
        {
            Refuse(name, $"must be text, was {Shown(member)}");
            return null;
        }

        var text = member.GetString()!.Trim();
        if (text.Length == 0 || text.Length > maxLength) Refuse(name, $"must be 1 to {maxLength} characters long, was {Shown(member)}");
        else if (text.Any(char.IsControl)) Refuse(name, $"must not have control characters, was {Shown(member)}");
        else return text;
        return null;
    }

    public double? Number(string name, double min, double max, string unit)
    {
        if (Member(name) is not { } member) return null;
        if (member.ValueKind == JsonValueKind.Number && member.TryGetDouble(out var number) && number >= min && number <= max) return number;
        Refuse(name, string.Create(CultureInfo.InvariantCulture, $"must be {min} to {max} {unit}, was {Shown(member)}"));
        return null;
    }

    public TimeSpan? Seconds(string name, double min, double max) =>
        Number(name, min, max, "s") is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    public T? OneOf<T>(string name, params ReadOnlySpan<(string Word, T Value)> words)
        where T : struct
    {
        if (Member(name) is not { } member) return null;
        var known = new List<string>();
        foreach (var (word, value) in words)
        {
            if (member.ValueKind == JsonValueKind.String && member.ValueEquals(word)) return value;
            known.Add(word);
        }

        Refuse(name, $"must be one of {string.Join(", ", known)}, was {Shown(member)}");
        return null;
    }

    /// <summary>The items of an array and the path of each.</summary>
    public IEnumerable<(string Path, JsonElement Item)> Items(string name, int maxItems)
    {
        if (Member(name) is not { } member) return [];
        if (member.ValueKind != JsonValueKind.Array) Refuse(name, $"must be an array, was {Shown(member)}");
        else if (member.GetArrayLength() > maxItems) Refuse(name, $"must have at most {maxItems} items, has {member.GetArrayLength()}");
        else return member.EnumerateArray().Select((item, i) => ($"{PathOf(name)}[{i}]", item));
        return [];
    }

    /// <summary>Every member that was not asked for is wrong: a misspelt one would be ignored in silence otherwise.</summary>
    /// <param name="ignored">What an answer of ours has and a request may send back.</param>
    public void RefuseOthers(params ReadOnlySpan<string> ignored)
    {
        foreach (var name in ignored) _known.Add(name);
        foreach (var member in _object.EnumerateObject())
        {
            if (!_known.Contains(member.Name)) Refuse(member.Name, $"is not known here, was {Shown(member.Value)}");
        }
    }

    public static string Shown(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 80 ? text : string.Concat(text.AsSpan(0, 80), "…");
    }
}
