namespace FleetTracker.Standalone;

/// <summary>The data folder of a running server: writable, and no other server's.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    private DataFolder(FileStream held) => _lock = held;

    /// <exception cref="StartException">The folder cannot be used.</exception>
    public static DataFolder Take(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            if (!OperatingSystem.IsWindows()) KeepPrivate(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"the data folder '{path}' cannot be made: {error.Message}", error);
        }

        var file = Path.Combine(path, "fleettracker.lock");
        try
        {
            // Released by the system when the process ends, however it ends.
            return new DataFolder(new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException error)
        {
            throw new StartException($"the data folder '{path}' is not writable.", error);
        }
        catch (IOException error) when (File.Exists(file))
        {
            throw new StartException($"the data folder '{path}' is in use by another server.", error);
        }
        catch (IOException error)
        {
            throw new StartException($"the data folder '{path}' is not writable: {error.Message}", error);
        }
    }

    public void Dispose() => _lock.Dispose();

    // Positions and keys are in there. An operator who opened the folder to a group keeps it open.
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void KeepPrivate(string path)
    {
        if (!Directory.EnumerateFileSystemEntries(path).Any())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
