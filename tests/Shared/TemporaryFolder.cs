namespace FleetTracker.Testing;

/// <summary>A folder of one test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("fleettracker-").FullName;

    public static implicit operator string(TemporaryFolder folder) => folder.Path;

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A process that a test has just killed may still hold a file for a moment; the system's temporary folder is swept anyway.
        }
    }
}
