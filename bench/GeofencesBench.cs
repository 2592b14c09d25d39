using System.CommandLine;
using System.Diagnostics;
using FleetTracker.Geofences;
using FleetTracker.Ingestion;
using FleetTracker.Vehicles;

namespace FleetTracker.Bench;

/// <summary>What a fix costs among so many fences.</summary>
/// <param name="Fences">How many.</param>
/// <param name="NanosecondsPerFix">What a vehicle does with it, all steps: <see cref="VehicleMemory.Fold"/>, of 1,000 vehicles by turns.</param>
/// <param name="RatioToFewest">To the cost among the fewest, median of the rounds' ratios.</param>
/// <param name="NanosecondsForFences">Of it, asking the fences alone: which are near its way, whether they cover it, and how far the way leads through the others.</param>
/// <param name="NanosecondsToFind">Of that, for which are near.</param>
/// <param name="NearPerFix">Fences whose bounds meet the way.</param>
/// <param name="CoveringPerFix">Fences that cover the fix.</param>
/// <param name="BytesPerFence">Of memory, compiled and indexed, besides the definition that it was made from.</param>
/// <param name="DefinitionBytesPerFence">The definition with its geometry as text.</param>
/// <param name="CompileMs">All shapes, from definitions.</param>
/// <param name="BuildMs">The snapshot, from compiled fences.</param>
/// <param name="ReloadMs">The snapshot with one fence changed.</param>
internal sealed record GeofencesResult(
    int Fences, double NanosecondsPerFix, double RatioToFewest, double NanosecondsForFences, double NanosecondsToFind, double NearPerFix, double CoveringPerFix,
    double BytesPerFence, double DefinitionBytesPerFence, double CompileMs, double BuildMs, double ReloadMs);

/// <summary>Moving vehicles among few fences and many, as many of them at any place.</summary>
internal static class GeofencesBench
{
    private static readonly Option<int[]> Counts = new("--fences") { DefaultValueFactory = _ => [100, 10_000, 100_000], AllowMultipleArgumentsPerToken = true };
    private static readonly Option<int> Vehicles = new("--vehicles") { DefaultValueFactory = _ => 1_000 };
    private static readonly Option<int> Rounds = new("--rounds") { DefaultValueFactory = _ => 101 };
    private static readonly Option<FileInfo?> JsonFile = new("--json") { Description = "Writes the result to a file." };

    public static Command Create()
    {
        var command = new Command("geofences", "Cost of a fix among few fences and many.") { Counts, Vehicles, Rounds, JsonFile };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var worlds = parsed.GetRequiredValue(Counts).Select(count => World.Create(count, parsed.GetRequiredValue(Vehicles))).ToArray();
        // The first passes compile the code, and compile it again for what it meets.
        for (var pass = 0; pass < 40; pass++)
        {
            foreach (var world in worlds)
            {
                world.Fold();
                world.Ask(isFindingOnly: false);
                world.Ask(isFindingOnly: true);
            }
        }

        var all = worlds.Select(_ => new List<double>()).ToArray();
        var asking = worlds.Select(_ => new List<double>()).ToArray();
        var finding = worlds.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round < parsed.GetRequiredValue(Rounds); round++)
        {
            for (var i = 0; i < worlds.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                all[i].Add(worlds[i].Fold());
                asking[i].Add(worlds[i].Ask(isFindingOnly: false));
                finding[i].Add(worlds[i].Ask(isFindingOnly: true));
            }
        }

        var results = worlds.Select((world, i) => world.Result with
        {
            NanosecondsPerFix = Results.Median(all[i]),
            RatioToFewest = Results.Median(all[i].Zip(all[0], (cost, fewest) => cost / fewest)),
            NanosecondsForFences = Results.Median(asking[i]),
            NanosecondsToFind = Results.Median(finding[i]),
        });
        await Results.WriteAsync(results.ToArray(), parsed.GetValue(JsonFile));
        return 0;
    }

    /// <summary>A square of fences, one to a cell of two kilometers, and vehicles that drive about in it.</summary>
    private sealed class World
    {
        private const double CellDegrees = 0.02;
        private const double South = 48;
        private const double West = 11;
        private const int Fixes = 200_000;
        private const int FixesPerPass = 20_000;

        private readonly FenceSnapshot _snapshot;
        private readonly TenantRules _rules;
        private readonly VehicleMemory[] _vehicles;
        private readonly Fix[] _one = new Fix[1];

        // In the order in which they arrive, so that reading them costs the same in every world.
        private readonly Move[] _moves;

        private int _next;
        private int _nextFold;

        private World(FenceSnapshot snapshot, int vehicles, Move[] moves, GeofencesResult result)
        {
            (_snapshot, _moves, Result) = (snapshot, moves, result);
            _rules = TenantRules.None with { Fences = snapshot };
            _vehicles = new VehicleMemory[vehicles];
            BeginAnew();
        }

        public GeofencesResult Result { get; private set; }

        public static World Create(int count, int vehicles)
        {
            var side = (int)Math.Ceiling(Math.Sqrt(count));
            var empty = GC.GetTotalMemory(forceFullCollection: true);
            var definitions = Enumerable.Range(0, count).Select(i => Define(i, side)).ToArray();
            var defined = GC.GetTotalMemory(forceFullCollection: true);
            var (compileMs, fences) = Timed(() => Array.ConvertAll(definitions, Fence.Compile));
            var (buildMs, snapshot) = Timed(() => FenceSnapshot.Build(fences));
            var built = GC.GetTotalMemory(forceFullCollection: true);
            var (reloadMs, _) = Timed(() => snapshot.With([fences[count / 2]]));
            GC.KeepAlive(definitions);
            return new World(snapshot, vehicles, Moves(vehicles, side), new GeofencesResult(
                count, 0, 0, 0, 0, 0, 0, (double)(built - defined) / count, (double)(defined - empty) / count, compileMs, buildMs, reloadMs));
        }

        /// <returns>Nanoseconds per fix.</returns>
        public double Fold()
        {
            var begun = Environment.CpuUsage.TotalTime;
            for (var fixes = 0; fixes < FixesPerPass; fixes++)
            {
                _one[0] = _moves[_nextFold].Fix;
                _vehicles[_nextFold % _vehicles.Length].Fold(_one, _rules, _one[0].ReceivedAt);
                if (++_nextFold == _moves.Length) BeginAnew();
            }

            return (Environment.CpuUsage.TotalTime - begun).TotalNanoseconds / FixesPerPass;
        }

        /// <returns>Nanoseconds per fix, of the fences alone.</returns>
        public double Ask(bool isFindingOnly)
        {
            var near = new List<Fence>(64);
            long found = 0, covering = 0, crossed = 0, fixes = 0;
            // Processor time of this process: others may share the machine.
            var begun = Environment.CpuUsage.TotalTime;
            for (; fixes < FixesPerPass; fixes++)
            {
                var (latitude1, longitude1, latitude2, longitude2, _) = _moves[_next];
                _next = _next + 1 < _moves.Length ? _next + 1 : 0;
                near.Clear();
                _snapshot.Near(latitude1, longitude1, latitude2, longitude2, near);
                found += near.Count;
                if (isFindingOnly) continue;

                foreach (var fence in near)
                {
                    if (fence.Covers(latitude2, longitude2)) covering++;
                    else if (fence.MetersInside(latitude1, longitude1, latitude2, longitude2) > 0) crossed++;
                }
            }

            var nanoseconds = (Environment.CpuUsage.TotalTime - begun).TotalNanoseconds / fixes;
            if (crossed > fixes) throw new InvalidOperationException("More fences were crossed than there are fixes: the world is wrong.");
            if (!isFindingOnly) Result = Result with { NearPerFix = (double)found / fixes, CoveringPerFix = (double)covering / fixes };
            return nanoseconds;
        }

        private void BeginAnew()
        {
            _nextFold = 0;
            for (var i = 0; i < _vehicles.Length; i++) _vehicles[i] = VehicleMemory.Begin("bench", Invariant($"v{i}"), null);
        }

        private static (double Ms, T Result) Timed<T>(Func<T> work)
        {
            var begun = Stopwatch.GetTimestamp();
            var result = work();
            return (Stopwatch.GetElapsedTime(begun).TotalMilliseconds, result);
        }

        private static Move[] Moves(int vehicles, int side)
        {
            var tracks = Enumerable.Range(0, vehicles).Select(vehicle => Track(new Random(vehicle), side)).ToArray();
            // Of all vehicles by turns: what one of them left in the processor's cache is not there for the next.
            return [.. Enumerable.Range(1, tracks[0].Length - 1).SelectMany(step => tracks.Select((track, vehicle) =>
                new Move(track[step - 1].Latitude, track[step - 1].Longitude, track[step].Latitude, track[step].Longitude, FixOf(vehicle, step, track[step]))))];

            (double Latitude, double Longitude)[] Track(Random random, int side)
            {
                var (x, y, heading) = (random.NextDouble() * side, random.NextDouble() * side, random.NextDouble() * 2 * Math.PI);
                return [.. Enumerable.Range(0, 1 + (Fixes / vehicles)).Select(_ =>
                {
                    // About 200 m, now and then around a corner, back at the border.
                    if (random.Next(10) == 0) heading += (random.NextDouble() - 0.5) * Math.PI;
                    var (sin, cos) = Math.SinCos(heading);
                    if (x + (0.1 * cos) < 0 || x + (0.1 * cos) > side || y + (0.1 * sin) < 0 || y + (0.1 * sin) > side) (sin, cos, heading) = (-sin, -cos, heading + Math.PI);
                    (x, y) = (x + (0.1 * cos), y + (0.1 * sin));
                    return (South + (y * CellDegrees), West + (x * CellDegrees));
                })];
            }
        }

        // 200 m each 20 s.
        private static Fix FixOf(int vehicle, int step, (double Latitude, double Longitude) place)
        {
            var at = DateTimeOffset.UnixEpoch.AddSeconds(step * 20);
            return new Fix
            {
                Tenant = "bench", VehicleId = Invariant($"v{vehicle}"), DeviceId = Invariant($"d{vehicle}"), FixedAt = at, ReceivedAt = at.AddSeconds(1), Digest = step,
                Verdict = FixVerdict.Accepted, Latitude = place.Latitude, Longitude = place.Longitude, SpeedMetersPerSecond = 10, AccuracyMeters = 5,
            };
        }

        private static Geofence Define(int i, int side)
        {
            var random = new Random(i);
            var (latitude, longitude) = (South + ((i / side) + 0.5) * CellDegrees, West + ((i % side) + 0.5) * CellDegrees);
            var (kind, geometry, meters) = random.Next(10) switch
            {
                0 => (GeofenceShapeKind.Corridor, $$"""{"type":"LineString","coordinates":[{{Ring(random, latitude, longitude, 6, isClosed: false)}}]}""", 50.0),
                < 4 => (GeofenceShapeKind.Circle, Invariant($$"""{"type":"Point","coordinates":[{{longitude}},{{latitude}}]}"""), 200 + (random.NextDouble() * 800)),
                _ => (GeofenceShapeKind.Area, $$"""{"type":"Polygon","coordinates":[[{{Ring(random, latitude, longitude, random.Next(4, 21), isClosed: true)}}]]}""", (double?)null),
            };
            return new Geofence
            {
                Id = Invariant($"{i:x8}"), Tenant = "bench", Name = Invariant($"Fence {i}"), Version = 1, ValidFrom = DateTimeOffset.UnixEpoch,
                ShapeKind = kind, Geometry = geometry, RadiusMeters = meters,
            };
        }

        private static string Ring(Random random, double latitude, double longitude, int corners, bool isClosed)
        {
            var points = Enumerable.Range(0, corners).Select(corner =>
            {
                var (sin, cos) = Math.SinCos(2 * Math.PI * corner / corners);
                var radius = CellDegrees * (0.3 + (0.3 * random.NextDouble()));
                return Invariant($"[{longitude + (radius * cos):F6},{latitude + (radius * sin):F6}]");
            }).ToList();
            if (isClosed) points.Add(points[0]);
            return string.Join(',', points);
        }

        private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

        private readonly record struct Move(double Latitude1, double Longitude1, double Latitude2, double Longitude2, Fix Fix);
    }
}
