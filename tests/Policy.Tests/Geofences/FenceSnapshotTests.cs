namespace FleetTracker.Geofences;

/// <summary>Which fences are near, and which version counts.</summary>
public sealed class FenceSnapshotTests
{
    [Fact]
    public void Nothing_is_near_in_an_empty_snapshot()
    {
        var near = new List<Fence>();
        FenceSnapshot.Empty.Near(0, 0, 1, 1, near);
        FenceSnapshot.Build([]).Near(0, 0, 1, 1, near);
        Assert.Empty(near);
        Assert.Equal(0, FenceSnapshot.Empty.Count);
        Assert.Null(FenceSnapshot.Empty.Find("f", Drawn.Long));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(300)]
    [InlineData(5000)]
    public void Near_finds_what_looking_at_all_bounds_finds(int count)
    {
        var random = new Random(count);
        var fences = Enumerable.Range(0, count).Select(i => Anywhere(random, $"f{i}")).ToArray();
        var snapshot = FenceSnapshot.Build(fences);
        Assert.Equal(count, snapshot.Count);
        var near = new List<Fence>();
        for (var i = 0; i < 2000; i++)
        {
            var (latitude1, longitude1) = ((random.NextDouble() * 180) - 90, (random.NextDouble() * 360) - 180);
            var (latitude2, longitude2) = (Math.Clamp(latitude1 + Step(random), -90, 90), longitude1 + Step(random));
            if (longitude2 > 180) longitude2 -= 360;
            if (longitude2 < -180) longitude2 += 360;
            near.Clear();
            snapshot.Near(latitude1, longitude1, latitude2, longitude2, near);

            var way = new Way(latitude1, longitude1, latitude2, longitude2).Bounds;
            var expected = fences.Where(fence => Meets(fence.Bounds, way)).Select(fence => fence.Definition.Id).Order(StringComparer.Ordinal);
            Assert.Equal(expected, near.Select(fence => fence.Definition.Id).Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [InlineData(89.95, 180)]
    [InlineData(90, 45)]
    [InlineData(-89.95, -90)]
    public void A_fence_over_a_pole_is_near_from_every_side(double latitude, double longitude)
    {
        var pole = Math.Sign(latitude);
        var fences = new[] { Drawn.Circle(pole * 89.9, 0, 30_000), Drawn.Corridor(30_000, (pole * 89, 0), (pole * 89.9, 10)) };
        var near = new List<Fence>();
        FenceSnapshot.Build(fences).Near(latitude, longitude, latitude, longitude, near);
        Assert.All(fences, fence => Assert.True(fence.Covers(latitude, longitude)));
        Assert.Equal(2, near.Count);
    }

    [Fact]
    public void Asking_allocates_nothing()
    {
        var random = new Random(1);
        var snapshot = FenceSnapshot.Build([.. Enumerable.Range(0, 1000).Select(i => Anywhere(random, $"f{i}"))]);
        var near = new List<Fence>(1000);
        var inside = 0.0;
        for (var round = 0; round < 3; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                near.Clear();
                snapshot.Near(10 + i / 10.0, 179.5, 10.5, -179.5, near);
                foreach (var fence in near) inside += fence.MetersInside(10 + i / 10.0, 179.5, 10.5, -179.5) + fence.MetersOutside(10, 179.5);
            }

            if (round == 2) Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.True(inside > 0);
    }

    [Fact]
    public void The_version_of_a_time_is_found()
    {
        Fence Version(int version, int from, int? to) => Fence.Compile(Drawn.Circle(0, 0, 100).Definition with
        {
            Version = version, ValidFrom = Drawn.Long.AddDays(from), ValidTo = to is { } days ? Drawn.Long.AddDays(days) : null,
        });
        var snapshot = FenceSnapshot.Build([Version(2, 5, null), Version(1, 0, 5), Drawn.Circle(1, 1, 5, "other")]);
        Assert.Null(snapshot.Find("f", Drawn.Long.AddDays(-1)));
        Assert.Equal(1, snapshot.Find("f", Drawn.Long.AddDays(4))?.Definition.Version);
        Assert.Equal(2, snapshot.Find("f", Drawn.Long.AddDays(5))?.Definition.Version);
        Assert.Null(snapshot.Find("F", Drawn.Long.AddDays(5)));

        var changed = snapshot.With([Version(2, 5, 8), Version(3, 8, null)], [Version(1, 0, 5)]);
        Assert.Equal(3, changed.Count);
        Assert.Null(changed.Find("f", Drawn.Long.AddDays(4)));
        Assert.Equal(2, changed.Find("f", Drawn.Long.AddDays(7))?.Definition.Version);
        Assert.Equal(3, changed.Find("f", Drawn.Long.AddDays(9))?.Definition.Version);
        Assert.NotNull(changed.Find("other", Drawn.Long));
    }

    [Fact]
    public void Wherever_a_search_begins_it_finds_the_same()
    {
        Fence[] Versions(int i) =>
        [
            .. Enumerable.Range(0, 3).Select(version => Fence.Compile(Drawn.Circle(i, i, 100, $"f{i}").Definition with
            {
                Version = version + 1, ValidFrom = Drawn.Long.AddDays(version * 5), ValidTo = version < 2 ? Drawn.Long.AddDays((version * 5) + 5) : null,
            })),
        ];
        var snapshot = FenceSnapshot.Build([.. Enumerable.Range(0, 20).SelectMany(Versions)]);
        for (var slot = -1; slot <= 60; slot++)
        {
            for (var day = -1; day <= 16; day++)
            {
                foreach (var id in new[] { "f0", "f7", "f19", "no" })
                {
                    var from = slot;
                    var found = snapshot.Find(id, Drawn.Long.AddDays(day), ref from);
                    Assert.Equal((id, day < 0 || id == "no" ? null : Math.Min(3, (day / 5) + 1)), (found?.Id ?? id, found?.Version));
                    Assert.Same(found, snapshot.Find(id, Drawn.Long.AddDays(day), ref from));
                }
            }
        }
    }

    internal static Fence Anywhere(Random random, string id)
    {
        var (latitude, longitude) = ((random.NextDouble() * 180) - 90, (random.NextDouble() * 360) - 180);
        var size = Math.Pow(10, (random.NextDouble() * 4) - 2.5);
        if (random.Next(2) == 0) return Drawn.Circle(latitude, longitude, size * 30_000, id);
        var (south, north) = (Math.Max(-90, latitude - size), Math.Min(90, latitude + size));
        return Drawn.Compile(Drawn.Polygon((south, longitude - size), (south, longitude + size), (north, longitude + size)), id: id);
    }

    private static double Step(Random random) => (random.NextDouble() - 0.5) * Math.Pow(10, (random.NextDouble() * 5) - 3);

    private static bool Meets(GeoBox a, GeoBox b)
    {
        if (a.South > b.North || a.North < b.South) return false;
        return new[] { -720, -360, 0, 360, 720 }.Any(turn => a.West <= b.East + turn && a.East >= b.West + turn);
    }
}
