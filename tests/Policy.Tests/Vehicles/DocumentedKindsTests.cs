namespace FleetTracker.Vehicles;

public sealed class DocumentedKindsTests
{
    [Fact]
    public void Every_kind_of_event_is_where_users_look_for_it()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "docs", "api.md"))) folder = folder.Parent;
        Assert.NotNull(folder);
        var text = File.ReadAllText(Path.Combine(folder.FullName, "docs", "api.md"));
        Assert.All(AnyOrderTests.Kinds.Except(["trip", "stop", "visit"], StringComparer.Ordinal), kind => Assert.Contains($"`{kind}`", text, StringComparison.Ordinal));
    }
}
