using FleetTracker.Storage;
using Microsoft.Extensions.Options;

namespace FleetTracker.Ingestion;

/// <summary>Whether the data disk has room for more. Looks at most once a second.</summary>
internal sealed class DiskSpace(IOptions<StorageOptions> options, TimeProvider time)
{
    private long _lookedAt = long.MinValue;
    private string? _shortage;

    /// <summary>A sentence for a person when there is too little room, else <c>null</c>.</summary>
    public string? Shortage()
    {
        var storage = options.Value;
        if (storage.Provider != StorageProvider.Sqlite || storage.MinFreeBytes == 0) return null;
        var now = time.GetTimestamp();
        if (_lookedAt != long.MinValue && time.GetElapsedTime(_lookedAt, now) < TimeSpan.FromSeconds(1)) return _shortage;

        _lookedAt = now;
        _shortage = Look(storage);
        return _shortage;
    }

    private static string? Look(StorageOptions storage)
    {
        long free;
        try
        {
            free = new DriveInfo(Path.GetFullPath(storage.DataDirectory)).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"The data disk cannot be looked at ({error.Message}); fixes are not acknowledged until it can.";
        }

        return free >= storage.MinFreeBytes
            ? null
            : string.Create(System.Globalization.CultureInfo.InvariantCulture,
                $"The data disk has {free / 1048576} MiB free, less than the {storage.MinFreeBytes / 1048576} MiB kept in reserve; fixes are not acknowledged until there is room.");
    }
}
