using System.Text.Json.Nodes;
using FleetTracker.Geofences;
using FleetTracker.Vehicles;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace FleetTracker.Problems;

/// <summary>What the generated description cannot see by itself: sign-in, the parameters that we read from text, and free-form attributes.</summary>
internal static class OpenApiSetup
{
    private const string Bearer = "bearer";

    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "FleetTracker", Version = "v1",
                Description = "Fleet tracking over MQTT, Orleans and SignalR. Errors are RFC 9457 problems: switch on `type`.",
            };
            document.Servers = [];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
            document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT", Description = "The accessToken of POST /api/v1/auth/login.",
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var isOpen = context.Description.ActionDescriptor.EndpointMetadata.OfType<Microsoft.AspNetCore.Authorization.IAllowAnonymous>().Any();
            if (!isOpen) operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
            foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? []) Describe(parameter, context.Description.RelativePath ?? "");
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(GeoJsonGeometry))
            {
                schema.Type = JsonSchemaType.Object;
                schema.Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
                {
                    ["type"] = new OpenApiSchema { Type = JsonSchemaType.String },
                    ["coordinates"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema(), Description = "Longitude before latitude." },
                };
                schema.Required = new HashSet<string>(StringComparer.Ordinal) { "type", "coordinates" };
                return Task.CompletedTask;
            }

            if (context.JsonTypeInfo.Type != typeof(PositionAttributes)) return Task.CompletedTask;
            schema.Type = JsonSchemaType.Object;
            schema.Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
            {
                ["ignition"] = new OpenApiSchema { Type = JsonSchemaType.Boolean },
                ["odometer"] = new OpenApiSchema { Type = JsonSchemaType.Number, Description = "Meters." },
            };
            schema.AdditionalPropertiesAllowed = true;
            return Task.CompletedTask;
        });
    }

    private static void Describe(OpenApiParameter parameter, string path)
    {
        var isOfFences = path.Contains("geofences", StringComparison.Ordinal);
        var isHistory = path.Contains("positions", StringComparison.Ordinal);
        var isOfSensors = path.Contains("sensors", StringComparison.Ordinal);
        var isChart = path.EndsWith("chart", StringComparison.Ordinal);
        var history = HistoryDocs.Of(parameter.Name, path);
        (OpenApiSchema? schema, string? description) = history.Description is not null ? history : parameter.Name switch
        {
            "limit" => (new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = "10000", Default = JsonValue.Create(isHistory || path.EndsWith("history", StringComparison.Ordinal) ? 1_000 : 100) },
                "Items per page."),
            "cursor" => (null, "`next` of the page before."),
            "points" => (new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = "5000", Default = JsonValue.Create(500) }, "Spans of time; those without a value are left out."),
            "from" when isChart => (HistoryDocs.Time(), "First instant, inclusive. Default: a day before `to`."),
            "to" when isChart => (HistoryDocs.Time(), "End, exclusive. Default: now."),
            "q" when isOfSensors => (null, "Words, each of which is part of the name, the id or the attribute, without case."),
            "format" when isOfSensors => (HistoryDocs.Words("csv"), "Default: `csv`."),
            "from" => (HistoryDocs.Time(), "First instant, inclusive."),
            "to" => (HistoryDocs.Time(), "End, exclusive."),
            "verdict" => (HistoryDocs.Words("accepted", "all"), "`accepted` leaves out rows that are no place; `all` returns every stored row."),
            "bbox" => (null, "`west,south,east,north` in degrees; west greater than east crosses the antimeridian."),
            "q" when isOfFences => (null, "Words, each of which is part of the name or the id, without case."),
            "name" when path.EndsWith("import", StringComparison.Ordinal) => (null, "Which of the features' properties has the name. Default: `name`, else the feature's id, else its number."),
            "accuracy" when isOfFences => (Amount(), "How accurate fixes are, in meters: warns of a fence that is smaller."),
            "interval" when isOfFences => (Amount(), "Seconds between two fixes; with `speed`, warns of a fence that is passed between them."),
            "speed" when isOfFences => (Amount(), "Meters per second."),
            "at" when path.EndsWith("explain", StringComparison.Ordinal) => (HistoryDocs.Time(), "The time in question, by the fixes' own clock."),
            "geofence" when path.EndsWith("explain", StringComparison.Ordinal) => (null, "Id of a geofence: the answer is about it."),
            "at" => (HistoryDocs.Time(), "Default: now. At most the late window ago."),
            "format" when isOfFences => (HistoryDocs.Words("geojson"), "Default: `geojson`."),
            "format" when isHistory => (HistoryDocs.Words("csv", "gpx", "kml", "geojson"), "Default: `csv`."),
            "format" => (HistoryDocs.Words("csv", "geojson"), "Default: `csv`."),
            "If-Match" => (null, "The ETag that you have read: 412 when somebody else changed it since. Without it the change is made in any case."),
            "q" => (null, "Words, each of which is part of the name, the id, the device id or a group, without case."),
            "group" => (null, "Only vehicles of this group."),
            "vehicles" => (HistoryDocs.Words("true"), "Must be `true`: vehicles, devices and history go with the group."),
            "deviceId" => (null, "Only this device."),
            _ => ((OpenApiSchema?)null, (string?)null),
        };
        if (schema is not null) parameter.Schema = schema;
        parameter.Description ??= description;
    }

    private static OpenApiSchema Amount() => new() { Type = JsonSchemaType.Number, Minimum = "0" };

}
