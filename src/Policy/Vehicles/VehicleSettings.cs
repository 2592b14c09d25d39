using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace FleetTracker.Vehicles;

/// <param name="Name">As in JSON; empty = the whole.</param>
/// <param name="Message">What is wrong, with the value.</param>
public readonly record struct SettingProblem(string Name, string Message);

/// <summary>
/// What a tenant or a vehicle overrides, as a JSON object: members of <see cref="VehicleOptions"/> in camel case, spans of time in seconds,
/// <c>null</c> where that means never.
/// </summary>
public static class VehicleSettings
{
    private const double MaxSeconds = 1_000_000_000;

    private static readonly ImmutableArray<PropertyInfo> Members =
        [.. typeof(VehicleOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(member => member.CanWrite)];

    private static readonly VehicleOptionsValidator Validator = new();

    /// <summary>Every setting, in the order of the options.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Members.Select(NameOf)];

    /// <summary>
    /// The options with what is overridden in place of what is below. Check <paramref name="problems"/> before using them: they get every name
    /// that is no setting, every value that cannot be read, and every result that makes no sense.
    /// </summary>
    public static VehicleOptions Apply(VehicleOptions below, JsonElement overridden, ICollection<SettingProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(below);
        ArgumentNullException.ThrowIfNull(problems);
        var options = below with { };
        if (overridden.ValueKind != JsonValueKind.Object)
        {
            problems.Add(new SettingProblem("", $"must be an object, was {Shown(overridden)}"));
            return options;
        }

        var unread = new HashSet<string>(StringComparer.Ordinal);
        foreach (var given in overridden.EnumerateObject())
        {
            var member = Members.FirstOrDefault(candidate => string.Equals(NameOf(candidate), given.Name, StringComparison.Ordinal));
            var wrong = member is null ? "is no setting" : TrySet(options, member, given.Value) ? null : $"must be {Wanted(member)}";
            if (wrong is null) continue;
            problems.Add(new SettingProblem(given.Name, $"{wrong}, was {Shown(given.Value)}"));
            unread.Add(given.Name);
        }

        foreach (var problem in Validate(options))
        {
            if (!unread.Contains(problem.Name)) problems.Add(problem);
        }

        return options;
    }

    /// <summary>
    /// The same of what is stored. Settings that cannot be used are left out as a whole: half of what somebody meant is worse than what was there before.
    /// </summary>
    public static VehicleOptions Settle(VehicleOptions below, string settings, ICollection<SettingProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        var known = problems.Count;
        try
        {
            using var overridden = JsonDocument.Parse(settings);
            var options = Apply(below, overridden.RootElement, problems);
            return problems.Count == known ? options : below;
        }
        catch (JsonException error)
        {
            problems.Add(new SettingProblem("", error.Message));
            return below;
        }
    }

    /// <summary>Values by name as JSON has them: numbers (seconds for spans of time), booleans, <c>null</c>.</summary>
    public static IReadOnlyDictionary<string, object?> Read(VehicleOptions options) =>
        Members.ToDictionary(NameOf, member => ToJson(member.GetValue(options)), StringComparer.Ordinal);

    private static IEnumerable<SettingProblem> Validate(VehicleOptions options)
    {
        const string Prefix = "Property ";
        foreach (var failure in Validator.Validate(null, options).Failures ?? [])
        {
            var parts = failure.StartsWith(Prefix, StringComparison.Ordinal) ? failure[Prefix.Length..].Split(": ", 2) : [];
            var member = parts.Length == 2 ? Members.FirstOrDefault(candidate => string.Equals(candidate.Name, parts[0], StringComparison.Ordinal)) : null;
            if (member is null)
            {
                yield return new SettingProblem("", failure);
                continue;
            }

            // The value as it was given: spans in seconds.
            var was = parts[1].LastIndexOf(", was ", StringComparison.Ordinal);
            var value = JsonSerializer.Serialize(ToJson(member.GetValue(options)));
            yield return new SettingProblem(NameOf(member), was < 0 ? parts[1] : $"{WithNames(parts[1][..was], options)}, was {value}");
        }
    }

    /// <summary>Settings that are named in a message as they are called here, with their values.</summary>
    private static string WithNames(string message, VehicleOptions options) => string.Join(' ', message.Split(' ').Select(word =>
        Members.FirstOrDefault(candidate => string.Equals(candidate.Name, word, StringComparison.Ordinal)) is { } member
            ? $"{NameOf(member)} ({JsonSerializer.Serialize(ToJson(member.GetValue(options)))})"
            : word));

    private static bool TrySet(VehicleOptions options, PropertyInfo member, JsonElement value)
    {
        var type = Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType;
        object? read = null;
        if (value.ValueKind == JsonValueKind.Null)
        {
            if (type == member.PropertyType) return false;
        }
        else if (type == typeof(bool))
        {
            if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False)) return false;
            read = value.GetBoolean();
        }
        else if (value.ValueKind != JsonValueKind.Number)
        {
            return false;
        }
        else if (type == typeof(int))
        {
            if (!value.TryGetInt32(out var whole)) return false;
            read = whole;
        }
        else
        {
            if (!value.TryGetDouble(out var number) || !double.IsFinite(number)) return false;
            if (type == typeof(TimeSpan) && Math.Abs(number) > MaxSeconds) return false;
            read = type == typeof(TimeSpan) ? TimeSpan.FromSeconds(number) : number;
        }

        member.SetValue(options, read);
        return true;
    }

    private static string Wanted(PropertyInfo member)
    {
        var type = Nullable.GetUnderlyingType(member.PropertyType);
        var word = (type ?? member.PropertyType).Name switch
        {
            nameof(Boolean) => "true or false",
            nameof(Int32) => "a whole number",
            nameof(TimeSpan) => "a number of seconds",
            _ => "a number",
        };
        return type is null ? word : word + " or null";
    }

    private static object? ToJson(object? value) => value is TimeSpan span ? span.TotalSeconds : value;

    private static string NameOf(PropertyInfo member) => JsonNamingPolicy.CamelCase.ConvertName(member.Name);

    private static string Shown(JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.Undefined ? "missing" : value.GetRawText();
        return text.Length <= 80 ? text : string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, 80)}…");
    }
}
