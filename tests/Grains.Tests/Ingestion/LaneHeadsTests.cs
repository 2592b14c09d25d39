using FleetTracker.Storage;
using FleetTracker.Vehicles;

namespace FleetTracker.Ingestion;

public sealed class LaneHeadsTests
{
    private readonly LaneHeads _heads = new(new NoCalls(), new VehicleOptions());

    [Fact]
    public void A_row_older_than_the_newest_is_late_and_one_of_the_same_time_is_not()
    {
        Assert.Equal([FixOutcome.Accepted, FixOutcome.Late, FixOutcome.Accepted, FixOutcome.Accepted],
            Judge(Fixes.At(10), Fixes.At(5), Fixes.At(10, digest: 2), Fixes.At(11)));
    }

    [Fact]
    public void Late_is_judged_in_the_order_of_arrival_though_rows_are_committed_sorted()
    {
        Assert.Equal([FixOutcome.Accepted, FixOutcome.Late, FixOutcome.Late], Judge(Fixes.At(30), Fixes.At(20), Fixes.At(10)));
        Assert.Equal([FixOutcome.Late, FixOutcome.Accepted], Judge(Fixes.At(29), Fixes.At(31)));
    }

    [Fact]
    public void Vehicles_do_not_make_each_other_late() =>
        Assert.Equal([FixOutcome.Accepted, FixOutcome.Accepted], Judge(Fixes.At(10, "v1"), Fixes.At(5, "v2")));

    [Fact]
    public void A_key_that_was_known_or_came_twice_is_a_duplicate()
    {
        var work = Work(Fixes.At(1), Fixes.At(1), Fixes.At(2));
        var (reports, folds) = _heads.Judge(new CommittedWork(work, [RowFate.New, RowFate.Known], Fixes.Noon, 2));
        Assert.Equal([FixOutcome.Accepted, FixOutcome.Duplicate, FixOutcome.Duplicate], reports.Single().Outcomes);
        Assert.Equal([Fixes.Noon.AddSeconds(1)], folds.Single().Rows.Select(row => row.FixedAt));
    }

    [Theory]
    [InlineData(FixVerdict.NoPosition, FixOutcome.Filtered)]
    [InlineData(FixVerdict.NullIsland, FixOutcome.Filtered)]
    [InlineData(FixVerdict.BeyondWindow, FixOutcome.Late)]
    public void A_row_that_is_no_valid_position_moves_no_head(FixVerdict verdict, FixOutcome expected)
    {
        Assert.Equal([expected, FixOutcome.Accepted], Judge(Fixes.At(100, verdict: verdict), Fixes.At(1)));
    }

    [Fact]
    public void A_refused_row_is_reported_and_not_folded()
    {
        var work = Work(Fixes.At(1), Fixes.At(2));
        var (reports, folds) = _heads.Judge(new CommittedWork(work, [RowFate.Refused, RowFate.New], Fixes.Noon, 2));
        Assert.Equal([FixOutcome.Refused, FixOutcome.Accepted], reports.Single().Outcomes);
        Assert.Equal(Fixes.Noon.AddSeconds(2), folds.Single().Rows.Single().FixedAt);
    }

    [Fact]
    public void A_fold_gets_its_rows_sorted_and_those_without_a_place_too()
    {
        var work = Work(Fixes.At(70), Fixes.At(65, verdict: FixVerdict.NoPosition), Fixes.At(60), Fixes.At(50, verdict: FixVerdict.BeyondWindow));
        var fold = _heads.Judge(new CommittedWork(work, [RowFate.New, RowFate.New, RowFate.New, RowFate.New], Fixes.Noon, 2)).Folds.Single();
        Assert.Equal([60, 65, 70], fold.Rows.Select(row => (int)(row.FixedAt - Fixes.Noon).TotalSeconds));
        Assert.Equal(Fixes.Noon.AddSeconds(70), fold.Head.Newest!.FixedAt);
    }

    [Fact]
    public void Only_vehicles_without_a_head_are_new()
    {
        _heads.Load(Fixes.At(1, "known"));
        Assert.Equal([new LaneVehicle("default", "fresh")], _heads.AddMissing([Fixes.At(2, "known"), Fixes.At(2, "fresh"), Fixes.At(3, "fresh")]));
    }

    [Fact]
    public void A_vehicle_is_removed_by_its_own_tenant_only()
    {
        _heads.Load(Fixes.At(1, "v1", tenant: "a"));
        Assert.False(_heads.Remove("b", "v1"));
        Assert.True(_heads.Remove("a", "v1"));
        Assert.Empty(_heads.Live());
    }

    private IEnumerable<FixOutcome> Judge(params Fix[] fixes)
    {
        var work = Work(fixes);
        return _heads.Judge(new CommittedWork(work, Enumerable.Repeat(RowFate.New, work.Rows.Length).ToArray(), Fixes.Noon, 2)).Reports.SelectMany(report => report.Outcomes);
    }

    private static LaneWork Work(params Fix[] fixes)
    {
        var batch = new LaneBatch { Id = Guid.NewGuid(), Lane = 0, Observer = null!, Fixes = [.. fixes] };
        return LaneWork.Of(new LaneQueue(0, new LaneOptions()), [batch], []);
    }

    /// <summary>Heads keep references to vehicles; nothing here calls one.</summary>
    private sealed class NoCalls : IGrainFactory
    {
        public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithStringKey => default!;
        public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithGuidKey => throw new NotSupportedException();
        public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithIntegerKey => throw new NotSupportedException();
        public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string keyExtension, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithGuidCompoundKey => throw new NotSupportedException();
        public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string keyExtension, string? grainClassNamePrefix = null) where TGrainInterface : IGrainWithIntegerCompoundKey => throw new NotSupportedException();
        public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj) where TGrainObserverInterface : IGrainObserver => throw new NotSupportedException();
        public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj) where TGrainObserverInterface : IGrainObserver => throw new NotSupportedException();
        public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey) => throw new NotSupportedException();
        public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey) => throw new NotSupportedException();
        public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey) => throw new NotSupportedException();
        public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension) => throw new NotSupportedException();
        public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension) => throw new NotSupportedException();
        public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId) where TGrainInterface : IAddressable => throw new NotSupportedException();
        public IAddressable GetGrain(Type interfaceType, IdSpan grainKey) => throw new NotSupportedException();
        public IAddressable GetGrain(Type interfaceType, IdSpan grainKey, string grainClassNamePrefix) => throw new NotSupportedException();
        public IAddressable GetGrain(GrainId grainId) => throw new NotSupportedException();
        public IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType) => throw new NotSupportedException();
    }
}
