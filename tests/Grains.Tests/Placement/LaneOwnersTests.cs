using CsCheck;

namespace FleetTracker.Placement;

public sealed class LaneOwnersTests
{
    private static readonly Gen<string[]> Silos = Gen.String[Gen.Char.AlphaNumeric, 1, 12].HashSet[1, 12].Select(names => names.ToArray());

    [Fact]
    public void No_silo_owns_more_than_its_share() => Gen.Select(Silos, Gen.Int[1, 256]).Sample((silos, lanes) =>
    {
        var owners = LaneOwners.Assign(silos, lanes);
        var cap = (lanes + silos.Length - 1) / silos.Length;
        return owners.Length == lanes && owners.GroupBy(owner => owner).All(silo => silo.Count() <= cap);
    });

    [Fact]
    public void The_order_of_the_silos_does_not_matter() => Gen.Select(Silos, Gen.Int[1, 128], Gen.Int).Sample((silos, lanes, seed) =>
    {
        var shuffled = silos.OrderBy(silo => HashCode.Combine(silo, seed)).ToArray();
        var names = LaneOwners.Assign(silos, lanes).Select(owner => silos[owner]);
        return names.SequenceEqual(LaneOwners.Assign(shuffled, lanes).Select(owner => shuffled[owner]));
    });

    [Fact]
    public void A_silo_that_leaves_moves_few_lanes_besides_its_own()
    {
        string[] four = ["10.0.0.1:11111@1", "10.0.0.2:11111@2", "10.0.0.3:11111@3", "10.0.0.4:11111@4"];
        var three = four[..3];
        var before = LaneOwners.Assign(four, 32).Select(owner => four[owner]).ToArray();
        var after = LaneOwners.Assign(three, 32).Select(owner => three[owner]).ToArray();

        var moved = Enumerable.Range(0, 32).Count(lane => before[lane] != four[3] && before[lane] != after[lane]);
        Assert.InRange(moved, 0, 8);
    }
}
