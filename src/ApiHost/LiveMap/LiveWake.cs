using System.Threading.Channels;

namespace FleetTracker.LiveMap;

/// <summary>Wakes one waiting loop; any number of signals before it looks count as one.</summary>
internal sealed class LiveWake
{
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Signal() => _signals.Writer.TryWrite(true);

    public async ValueTask WaitAsync(CancellationToken cancellationToken) => await _signals.Reader.ReadAsync(cancellationToken);
}
