using System.Collections.Immutable;
using System.Text.Json;
using FleetTracker.Problems;
using FleetTracker.Storage;
using FleetTracker.Vehicles;

namespace FleetTracker.Sensors;

/// <summary>Reads what somebody wants a sensor to be, and tells everything that is wrong with it.</summary>
internal static class SensorFields
{
    private const int MaxNameLength = 200;
    private const int MaxAttributeLength = 100;
    private const int MaxUnitLength = 20;
    private const int MaxVehicles = 500;
    private const int MaxVehicleIdLength = 200;
    private const int MaxGroups = 100;
    private const double MostNumber = 1e12;

    /// <summary>More than any span may be: the sensor's kind says what it may.</summary>
    private const double MostSeconds = 1e9;

    /// <summary>The draft; <c>null</c> or not to be used when something is wrong.</summary>
    public static SensorDraft? Read(JsonElement body, string id, Parameters parameters)
    {
        if (JsonFields.Of(body, "", parameters) is not { } fields) return null;
        fields.Required("name");
        fields.Required("attribute");
        fields.Required("kind");
        var (name, unit) = (fields.Text("name", MaxNameLength), fields.Text("unit", MaxUnitLength));
        var rules = Rules(fields);
        var scope = new SensorScope { VehicleIds = VehicleIds(fields), Groups = Groups(fields) };
        fields.RefuseOthers("id", "version", "updatedAt");
        return name is null || rules is null ? null : new SensorDraft { Id = id, Name = name, Unit = unit, Rules = rules, Scope = scope };
    }

    private static SensorRules? Rules(JsonFields fields)
    {
        var (attribute, kind) = (fields.Text("attribute", MaxAttributeLength), fields.OneOf("kind", SensorWords.Kinds));
        var rules = new SensorRules
        {
            Attribute = attribute ?? "?",
            Kind = kind ?? SensorKind.Gauge,
            Calibration = Calibration(fields),
            ValidMin = Number(fields, "validMin"),
            ValidMax = Number(fields, "validMax"),
            MinDuration = fields.Seconds("minDuration", 0, MostSeconds),
            Low = Number(fields, "low"),
            High = Number(fields, "high"),
            Hysteresis = Number(fields, "hysteresis"),
            Threshold = Number(fields, "threshold"),
            Inverted = Flag(fields, "inverted"),
            FillAmount = Number(fields, "fillAmount"),
            DrainAmount = Number(fields, "drainAmount"),
            Smoothing = Whole(fields, "smoothing"),
            MaxDuration = fields.Seconds("maxDuration", 0, MostSeconds),
        };
        // Without its kind nobody knows what else is wrong.
        if (kind is null) return null;
        foreach (var problem in SensorChecks.Check(rules)) fields.Refuse(problem.Field, problem.Message);
        return attribute is null ? null : rules;
    }

    private static ImmutableArray<CalibrationPoint> Calibration(JsonFields fields)
    {
        var points = ImmutableArray.CreateBuilder<CalibrationPoint>();
        var isRead = true;
        foreach (var (path, item) in fields.Items("calibration", SensorChecks.MaxCalibrationPoints))
        {
            if (PointOf(item) is { } point)
            {
                points.Add(point);
                continue;
            }

            isRead = false;
            fields.Parameters.Refuse(path, $"must be a pair of numbers [raw, value], was {JsonFields.Shown(item)}");
        }

        // With a point left out the rest would be told wrong things about.
        return isRead ? points.ToImmutable() : [];
    }

    private static CalibrationPoint? PointOf(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Array || item.GetArrayLength() != 2) return null;
        return NumberOf(item[0]) is { } raw && NumberOf(item[1]) is { } value ? new CalibrationPoint(raw, value) : null;
    }

    private static double? NumberOf(JsonElement item) =>
        item.ValueKind == JsonValueKind.Number && item.TryGetDouble(out var number) && Math.Abs(number) <= MostNumber ? number : null;

    private static double? Number(JsonFields fields, string name)
    {
        if (fields.Member(name) is not { } given) return null;
        if (NumberOf(given) is { } number) return number;
        fields.Refuse(name, $"must be a number, was {JsonFields.Shown(given)}");
        return null;
    }

    private static int? Whole(JsonFields fields, string name)
    {
        if (fields.Member(name) is not { } given) return null;
        if (given.ValueKind == JsonValueKind.Number && given.TryGetInt32(out var number)) return number;
        fields.Refuse(name, $"must be a whole number, was {JsonFields.Shown(given)}");
        return null;
    }

    private static bool Flag(JsonFields fields, string name)
    {
        if (fields.Member(name) is not { } given) return false;
        if (given.ValueKind is JsonValueKind.True or JsonValueKind.False) return given.GetBoolean();
        fields.Refuse(name, $"must be true or false, was {JsonFields.Shown(given)}");
        return false;
    }

    private static ImmutableArray<string> VehicleIds(JsonFields fields) => Texts(
        fields, "vehicleIds", MaxVehicles, id => id.Length is > 0 and <= MaxVehicleIdLength ? null : $"must be 1 to {MaxVehicleIdLength} characters long, was '{id}'");

    private static ImmutableArray<string> Groups(JsonFields fields) => Texts(fields, "groups", MaxGroups, GroupNames.WhatIsWrong);

    private static ImmutableArray<string> Texts(JsonFields fields, string name, int most, Func<string, string?> whatIsWrong)
    {
        var texts = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (var (path, item) in fields.Items(name, most))
        {
            var wrong = item.ValueKind == JsonValueKind.String ? whatIsWrong(item.GetString()!) : $"must be text, was {JsonFields.Shown(item)}";
            if (wrong is null) texts.Add(item.GetString()!);
            else fields.Parameters.Refuse(path, wrong);
        }

        return [.. texts];
    }
}
