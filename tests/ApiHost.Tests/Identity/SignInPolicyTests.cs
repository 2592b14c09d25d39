using System.Net;
using FleetTracker.LiveMap.Tests;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace FleetTracker.Identity.Tests;

public sealed class SignInPolicyTests
{
    private static readonly DateTimeOffset Now = Fleet.Noon;

    [Fact]
    public void The_fifth_failure_locks_and_every_further_one_doubles_up_to_the_longest()
    {
        var failures = SignInFailures.None;
        var locks = new List<double>();
        for (var i = 0; i < 14; i++)
        {
            failures = LockoutPolicy.AfterFailure(failures, Now, new SignInOptions());
            locks.Add(LockoutPolicy.Remaining(failures, Now).TotalSeconds);
        }

        Assert.Equal([0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900, 900, 900], locks);
    }

    [Fact]
    public void A_lock_ends_at_its_time()
    {
        var failures = new SignInFailures(5, Now.AddSeconds(30));
        Assert.Equal(TimeSpan.FromSeconds(1), LockoutPolicy.Remaining(failures, Now.AddSeconds(29)));
        Assert.Equal(TimeSpan.Zero, LockoutPolicy.Remaining(failures, Now.AddSeconds(30)));
    }

    [Fact]
    public void Counting_never_wraps()
    {
        var failures = LockoutPolicy.AfterFailure(new SignInFailures(int.MaxValue, null), Now, new SignInOptions());
        Assert.Equal(new SignInFailures(int.MaxValue, Now.AddMinutes(15)), failures);
    }

    [Fact]
    public void An_address_gets_its_burst_and_then_its_rate()
    {
        var time = new FakeTimeProvider(Now);
        var limiter = new AttemptLimiter(Options.Create(new AuthOptions { AttemptBurst = 3, AttemptsPerMinute = 60 }), time);
        var here = IPAddress.Parse("192.0.2.1");
        for (var i = 0; i < 3; i++) Assert.Equal(TimeSpan.Zero, limiter.Take(here));
        Assert.Equal(1, limiter.Take(here).TotalSeconds, 3);
        Assert.Equal(TimeSpan.Zero, limiter.Take(IPAddress.Parse("192.0.2.77")));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, limiter.Take(here));
        Assert.NotEqual(TimeSpan.Zero, limiter.Take(here));
    }

    [Fact]
    public void One_IPv6_network_is_one_address()
    {
        var limiter = new AttemptLimiter(Options.Create(new AuthOptions { AttemptBurst = 1, AttemptsPerMinute = 1 }), new FakeTimeProvider(Now));
        Assert.Equal(TimeSpan.Zero, limiter.Take(IPAddress.Parse("2001:db8:1:2::1")));
        Assert.NotEqual(TimeSpan.Zero, limiter.Take(IPAddress.Parse("2001:db8:1:2:ffff::2")));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("0 1", 0)]
    [InlineData("0 25", 0)]
    [InlineData("-100 -23", 0)]
    [InlineData("-100 -25", 1)]
    [InlineData("-100 -25 -24", 2)]
    [InlineData("-100 -50 -1 -1", 1)]
    public void The_newest_key_signs_once_it_was_published_for_the_overlap(string createdHoursFromNow, int expected)
    {
        SigningKey[] keys = [.. createdHoursFromNow.Split(' ').Select((hours, i) => new SigningKey($"k{i}", null!, Now.AddHours(int.Parse(hours))))];
        Assert.Equal($"k{expected}", KeyRing.Choose([.. keys], Now, new AuthOptions()).Id);
    }

    [Fact]
    public void Wrong_options_are_reported_together()
    {
        var result = new SignInOptionsValidator().Validate(null, new SignInOptions { MaxFailures = 0, Lockout = TimeSpan.Zero, ConcurrentPasswordChecks = 0 });
        Assert.Equal(3, result.Failures!.Count());
        var auth = new AuthOptionsValidator().Validate(null, new AuthOptions { AccessTokenMinutes = -1, AttemptBurst = 0 });
        Assert.Contains("JWT_EXPIRE_MINUTES", auth.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("AttemptBurst", auth.FailureMessage, StringComparison.Ordinal);
    }
}
