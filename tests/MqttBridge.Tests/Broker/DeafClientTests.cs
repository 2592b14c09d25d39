using System.Buffers.Binary;
using System.IO.Pipelines;
using FleetTracker.Ingestion;
using Microsoft.AspNetCore.Connections;

namespace FleetTracker.Mqtt;

/// <summary>A client that sends and does not read. Its connection is two pipes, so that no socket buffer hides how much we wrote.</summary>
public sealed class DeafClientTests
{
    private const int PubComp = 4;

    [Fact]
    public async Task Client_that_reads_no_answer_is_not_read_until_it_does()
    {
        await using var broker = await BrokerFixture.StartAsync(mqtt => mqtt.MaxOutboundBytes = 1024);
        var client = new PipeClient();
        var serving = broker.Server.ServeAsync(client.Connection);
        await client.SendAsync(RawMqtt.Connect("truck-1", "secret", 4, 0, "deaf"));
        await client.ReadAsync(4);

        await client.SendAsync(PubRels(10_000));
        await broker.Counts.UntilAsync("fleettracker.ingestion.window.waits/outbound", 1);
        Assert.True(client.Unread <= PipeClient.PauseAt + 1024 + PubComp, $"{client.Unread} bytes wait.");

        await client.ReadAsync(10_000 * PubComp);
        await client.EndAsync();
        await serving;
    }

    private static byte[] PubRels(int count)
    {
        var packets = new byte[count * 4];
        for (var i = 0; i < packets.Length; i += 4) BinaryPrimitives.WriteUInt32BigEndian(packets.AsSpan(i), 0x6202_0001);
        return packets;
    }

    private sealed class PipeClient : IDuplexPipe
    {
        public const int PauseAt = 512;

        private readonly Pipe _toServer = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
        private readonly Pipe _toClient = new(new PipeOptions(pauseWriterThreshold: PauseAt, resumeWriterThreshold: 1, useSynchronizationContext: false));

        public PipeClient() => Connection = new DefaultConnectionContext("deaf", this, this);

        public ConnectionContext Connection { get; }

        /// <summary>What the server wrote and nobody read.</summary>
        public long Unread
        {
            get
            {
                if (!_toClient.Reader.TryRead(out var read)) return 0;
                _toClient.Reader.AdvanceTo(read.Buffer.Start);
                return read.Buffer.Length;
            }
        }

        PipeReader IDuplexPipe.Input => _toServer.Reader;

        PipeWriter IDuplexPipe.Output => _toClient.Writer;

        public async Task SendAsync(byte[] bytes) => await _toServer.Writer.WriteAsync(bytes, TestTime.Token);

        public async Task ReadAsync(int bytes)
        {
            for (var left = (long)bytes; left > 0;)
            {
                var read = await _toClient.Reader.ReadAsync(TestTime.Token).AsTask().WaitAsync(TestTime.Limit, TestTime.Token);
                Assert.True(read.Buffer.Length > 0, "The connection closed.");
                var taken = read.Buffer.Slice(0, Math.Min(left, read.Buffer.Length));
                left -= taken.Length;
                _toClient.Reader.AdvanceTo(taken.End);
            }
        }

        public async Task EndAsync() => await _toServer.Writer.CompleteAsync();
    }
}
