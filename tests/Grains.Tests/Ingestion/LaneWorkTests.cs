using CsCheck;

namespace FleetTracker.Ingestion;

public sealed class LaneWorkTests
{
    private static readonly Gen<Fix> AnyFix = Gen.Select(Gen.Int[0, 5], Gen.Int[1, 3], Gen.Int[1, 3]).Select((second, vehicle, digest) => Fixes.At(second, "v" + vehicle, digest));

    [Fact]
    public void Rows_are_sorted_distinct_and_every_fix_finds_its_own() => AnyFix.List[0, 30].List[1, 4].Sample(batches =>
    {
        var work = WorkOf(batches);
        var fixes = batches.SelectMany(batch => batch).ToArray();

        for (var i = 1; i < work.Rows.Length; i++) Assert.True(LaneWork.CompareKeys(work.Rows[i - 1], work.Rows[i]) < 0);
        for (var i = 0; i < fixes.Length; i++) Assert.Equal(0, LaneWork.CompareKeys(work.Rows[work.RowOf[i]], fixes[i]));
    });

    [Fact]
    public void Of_equal_keys_the_first_to_arrive_is_the_original() => AnyFix.List[0, 30].List[1, 4].Sample(batches =>
    {
        var work = WorkOf(batches);
        var seen = new HashSet<int>();
        for (var i = 0; i < work.RowOf.Length; i++) Assert.Equal(!seen.Add(work.RowOf[i]), work.IsRepeated[i]);
    });

    private static LaneWork WorkOf(List<List<Fix>> batches) => LaneWork.Of(new LaneQueue(0, new LaneOptions()),
        batches.ConvertAll(fixes => new LaneBatch { Id = Guid.NewGuid(), Lane = 0, Observer = null!, Fixes = [.. fixes] }), []);
}
