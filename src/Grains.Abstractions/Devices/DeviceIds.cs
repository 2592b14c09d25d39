using System.Buffers;

namespace FleetTracker.Devices;

/// <summary>Device ids: 1–64 of <c>A-Z a-z 0-9 . _ : -</c>, compared by case.</summary>
public static class DeviceIds
{
    public const int MaxLength = 64;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-");

    public static bool IsValid(ReadOnlySpan<char> id) => id.Length is >= 1 and <= MaxLength && !id.ContainsAnyExcept(Allowed);
}
