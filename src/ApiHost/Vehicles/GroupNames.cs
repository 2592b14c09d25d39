using Microsoft.AspNetCore.Http.Features;

namespace FleetTracker.Vehicles;

/// <summary>Names of vehicle groups: text whose levels are separated by slashes. Every name can be said in an address.</summary>
internal static class GroupNames
{
    public const int MaxLength = 100;

    /// <summary>What a request must be told, or <c>null</c> for a good name.</summary>
    public static string? WhatIsWrong(string name)
    {
        var shown = name.Length <= MaxLength ? name : string.Concat(name.AsSpan(0, MaxLength), "…");
        if (name.Length is 0 or > MaxLength) return $"must be 1 to {MaxLength} characters long, was '{shown}'";
        if (name.Any(char.IsControl)) return $"must not have control characters, was '{shown}'";

        // Addresses are tidied on their way: empty levels are joined, and "." and ".." are gone before a request leaves.
        return Array.Exists(name.Split('/'), level => string.IsNullOrWhiteSpace(level) || level is "." or "..")
            ? $"must not have an empty level, '.' or '..' between its slashes, was '{name}'"
            : null;
    }

    /// <summary>
    /// The name in the last segment of the address as it was sent. The server decodes everything in a path but a slash, so afterwards
    /// <c>%2F</c>, which is a slash, and <c>%252F</c>, which is that text, look the same.
    /// </summary>
    public static string OfAddress(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var end = target.AsSpan().IndexOfAny('?', '#');
        var path = (end < 0 ? target : target[..end]).TrimEnd('/');
        return Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);
    }
}
