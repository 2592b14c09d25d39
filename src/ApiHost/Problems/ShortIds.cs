using System.Security.Cryptography;

namespace FleetTracker.Problems;

/// <summary>Ids of what people create.</summary>
internal static class ShortIds
{
    /// <summary>80 random bits: short enough for an address bar, far from colliding in any installation.</summary>
    /// <param name="kind">Begins the id, so that people see what it is of.</param>
    public static string New(char kind) => string.Concat(kind.ToString(), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10)));
}
