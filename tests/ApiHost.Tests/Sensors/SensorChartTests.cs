namespace FleetTracker.Sensors.Tests;

public sealed class SensorChartTests
{
    private static readonly DateTimeOffset Noon = LiveMap.Tests.Fleet.Noon;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(500)]
    [InlineData(5_000)]
    public void Spans_say_what_their_samples_say(int points)
    {
        var random = new Random(points);
        var to = Noon.AddMinutes(91);
        var samples = Enumerable.Range(0, 3_000).Select(_ => (At: Noon.AddMicroseconds(random.NextInt64((to - Noon).Ticks / 10)), Value: Math.Round(random.NextDouble() * 100, 3)))
            .OrderBy(sample => sample.At).ToList();
        samples.Insert(0, (Noon, -5));
        var chart = new SensorChart(Noon, to, points);
        foreach (var (at, value) in samples) chart.Add(at, value);

        var naive = samples.GroupBy(sample => (int)((decimal)(sample.At - Noon).Ticks * points / (to - Noon).Ticks)).OrderBy(bucket => bucket.Key)
            .Select(bucket => (bucket.Count(), bucket.Min(s => s.Value), bucket.Max(s => s.Value), bucket.Last().Value)).ToList();
        var read = chart.Read();
        Assert.Equal(naive, read.Select(bucket => (bucket.Count, bucket.Min, bucket.Max, bucket.Last)));
        Assert.Equal(samples.Count, read.Sum(bucket => bucket.Count));
        for (var i = 0; i < read.Count; i++)
        {
            var own = samples.Where(sample => sample.At >= read[i].At && (i + 1 == read.Count || sample.At < read[i + 1].At)).ToList();
            Assert.Equal(read[i].Count, own.Count);
            Assert.Equal(own.Average(sample => sample.Value), read[i].Average, 9);
        }
    }

    [Fact]
    public void Its_ends_belong_where_they_should()
    {
        var chart = new SensorChart(Noon, Noon.AddSeconds(10), 10);
        chart.Add(Noon, 1);
        chart.Add(Noon.AddSeconds(1).AddMicroseconds(-1), 2);
        chart.Add(Noon.AddSeconds(1), 3);
        chart.Add(Noon.AddSeconds(10).AddMicroseconds(-1), 4);
        Assert.Equal([(Noon, 2), (Noon.AddSeconds(1), 1), (Noon.AddSeconds(9), 1)], chart.Read().Select(bucket => (bucket.At, bucket.Count)));
        Assert.Equal(TimeSpan.FromSeconds(1), chart.BucketLength);
    }

    [Fact]
    public void A_span_of_all_time_does_not_overflow()
    {
        var chart = new SensorChart(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, 5_000);
        chart.Add(DateTimeOffset.MaxValue.AddTicks(-1), 1);
        Assert.Single(chart.Read());
    }
}
