namespace FleetTracker.Testing;

/// <summary>Where the sources and the built hosts are.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    /// <summary>The built program of a host, in the configuration of the tests.</summary>
    public static string Host(string project) => Path.Combine(Root, "src", project, "bin", Configuration, "net10.0", $"FleetTracker.{project}.dll");

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "FleetTracker.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new DirectoryNotFoundException("The tests run inside of the repository.");
    }
}
