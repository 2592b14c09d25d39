using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace FleetTracker.Ingestion;

public sealed class QuarantineLimiterTests
{
    private readonly QuarantineLimiter _limiter = new(Options.Create(new IngestionOptions { QuarantinePerDevicePerMinute = 2 }), new FakeTimeProvider());

    [Fact]
    public void Each_sender_has_its_own_number()
    {
        foreach (var sender in (string[])["a", "b"])
        {
            Assert.True(_limiter.MayKeep(sender));
            Assert.True(_limiter.MayKeep(sender));
            Assert.False(_limiter.MayKeep(sender));
        }
    }

    [Fact]
    public void Nothing_is_kept_of_what_the_sender_called_itself()
    {
        var sender = Ask();
        GC.Collect();
        Assert.False(sender.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference Ask()
    {
        var sender = new string('x', 60_000);
        Assert.True(_limiter.MayKeep(sender));
        return new WeakReference(sender);
    }
}
