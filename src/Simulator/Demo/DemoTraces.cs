namespace FleetTracker.Simulation;

/// <summary>Picks the drives of the demo fleet out of the recordings that come with the simulator.</summary>
internal static class DemoTraces
{
    private const double MetersPerDegree = 111_195;
    private const double FastestMetersPerSecond = 40;
    private static readonly TimeSpan LongestGap = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan ShortestDrive = TimeSpan.FromSeconds(90);

    private static readonly (string Name, int Vehicles)[] Sources =
    [
        ("capmetro_bus_austin", 70), ("hsl_hfp_bus_helsinki", 6), ("hsl_hfp_tram_viikki", 1), ("barefoot_car_munich", 1), ("ndsbr_cars_curitiba", 2),
    ];

    public static IReadOnlyList<DemoTrack> Load(string devicePrefix) =>
        [.. Sources.SelectMany(source => DrivesOf(source.Name).Take(source.Vehicles).Select(drive => Track(devicePrefix, source.Name, drive)))];

    /// <summary>The best drive of every vehicle, those that go furthest first.</summary>
    private static List<(string Vehicle, DemoMoment[] Moments)> DrivesOf(string name)
    {
        using var reader = TraceFile.Open(TraceFile.Find(name));
        return CsvTrace.Rows(reader).ToList()
            .GroupBy(row => row.Vehicle)
            .Select(vehicle => (Vehicle: vehicle.Key, Moments: BestDrive(vehicle)))
            .Where(drive => drive.Moments.Length >= 10 && drive.Moments[^1].At >= ShortestDrive && Extent(drive.Moments) > 500)
            .OrderByDescending(drive => Extent(drive.Moments))
            .ThenBy(drive => drive.Vehicle, StringComparer.Ordinal)
            .ToList();
    }

    private static DemoTrack Track(string devicePrefix, string dataset, (string Vehicle, DemoMoment[] Moments) drive)
    {
        var city = dataset[(dataset.LastIndexOf('_') + 1)..];
        var deviceId = DeviceNames.For(city, drive.Vehicle, devicePrefix);
        var offset = 0;
        foreach (var c in deviceId) offset = ((offset * 31) + c) % 100_003;
        return new DemoTrack(deviceId, drive.Moments, TimeSpan.FromSeconds(offset));
    }

    /// <summary>The longest stretch without a gap and without a place that the vehicle cannot have reached.</summary>
    private static DemoMoment[] BestDrive(IEnumerable<CsvRow> rows)
    {
        List<CsvRow> best = [], current = [];
        foreach (var row in rows.Where(row => row is not { Latitude: 0, Longitude: 0 }).OrderBy(row => row.FixedAt))
        {
            if (current.Count > 0)
            {
                var before = current[^1];
                if (row.FixedAt == before.FixedAt) continue;
                if (row.FixedAt - before.FixedAt > LongestGap || IsJump(before, row)) current = [];
            }

            current.Add(row);
            if (Duration(current) > Duration(best)) best = current;
        }

        return [.. best.Select((row, i) => new DemoMoment(
            row.FixedAt - best[0].FixedAt, row.Latitude, row.Longitude, SpeedOf(row), row.Heading ?? DirectionOf(best[Math.Max(i - 1, 0)], row)))];
    }

    private static TimeSpan Duration(List<CsvRow> rows) => rows.Count == 0 ? TimeSpan.Zero : rows[^1].FixedAt - rows[0].FixedAt;

    private static bool IsJump(CsvRow from, CsvRow to) =>
        Meters(from.Latitude, from.Longitude, to.Latitude, to.Longitude) > 30 + (FastestMetersPerSecond * (to.FixedAt - from.FixedAt).TotalSeconds);

    /// <summary>113.995 m/s and the like mean "no data".</summary>
    private static double? SpeedOf(CsvRow row) => row.Speed is > FastestMetersPerSecond ? null : row.Speed;

    /// <summary>Where it came from says where it goes, for recordings that do not; <c>null</c> while it stands.</summary>
    private static double? DirectionOf(CsvRow from, CsvRow to)
    {
        if (Meters(from.Latitude, from.Longitude, to.Latitude, to.Longitude) < 3) return null;
        var east = (to.Longitude - from.Longitude) * Math.Cos(from.Latitude * Math.PI / 180);
        return Math.Round((Math.Atan2(east, to.Latitude - from.Latitude) * 180 / Math.PI) + 360, 1) % 360;
    }

    private static double Extent(DemoMoment[] moments) => moments.Length == 0 ? 0 : Meters(
        moments.Min(m => m.Latitude), moments.Min(m => m.Longitude), moments.Max(m => m.Latitude), moments.Max(m => m.Longitude));

    /// <summary>Good enough to choose drives by.</summary>
    private static double Meters(double fromLatitude, double fromLongitude, double toLatitude, double toLongitude)
    {
        var north = (toLatitude - fromLatitude) * MetersPerDegree;
        var east = (toLongitude - fromLongitude) * MetersPerDegree * Math.Cos(fromLatitude * Math.PI / 180);
        return Math.Sqrt((north * north) + (east * east));
    }
}
