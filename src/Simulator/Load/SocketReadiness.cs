using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace FleetTracker.Simulation;

/// <summary>A socket that has something to read, room to write, or an end.</summary>
internal readonly record struct ReadySocket(int Index, bool CanRead, bool CanWrite);

/// <summary>Which of many sockets are ready, at the least cost that the system offers. One thread only.</summary>
internal abstract class SocketReadiness : IDisposable
{
    public static SocketReadiness Create(int capacity) => OperatingSystem.IsLinux() ? new EpollReadiness() : new SelectReadiness(capacity);

    public abstract void Add(int index, Socket socket);

    public abstract void WatchWrites(int index, Socket socket, bool watch);

    public abstract void Remove(int index, Socket socket);

    public abstract int Wait(Span<ReadySocket> ready, TimeSpan timeout);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>Linux: the cost of a wait depends on the sockets that are ready and not on those that are open.</summary>
internal sealed partial class EpollReadiness : SocketReadiness
{
    private const int Add_ = 1, Remove_ = 2, Modify = 3;
    private const uint In = 0x001, Out = 0x004, Error = 0x008, HangUp = 0x010;
    private const int Capacity = 1024;

    // struct epoll_event is packed on x86-64 and padded elsewhere.
    private static readonly int DataAt = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = DataAt + 8;

    private readonly int _epoll = Checked(epoll_create1(0x80000), "epoll_create1");
    private readonly byte[] _events = new byte[Capacity * EventSize];

    public override void Add(int index, Socket socket) => Control(Add_, index, socket, In);

    public override void WatchWrites(int index, Socket socket, bool watch) => Control(Modify, index, socket, watch ? In | Out : In);

    public override void Remove(int index, Socket socket) => Control(Remove_, index, socket, 0);

    public override int Wait(Span<ReadySocket> ready, TimeSpan timeout)
    {
        var count = epoll_wait(_epoll, ref _events[0], Math.Min(Capacity, ready.Length), (int)Math.Ceiling(timeout.TotalMilliseconds));
        for (var i = 0; i < count; i++)
        {
            var entry = _events.AsSpan(i * EventSize, EventSize);
            var flags = BinaryPrimitives.ReadUInt32LittleEndian(entry);
            var index = BinaryPrimitives.ReadInt32LittleEndian(entry[DataAt..]);
            ready[i] = new ReadySocket(index, (flags & (In | Error | HangUp)) != 0, (flags & Out) != 0);
        }

        // Interrupted waits are short waits.
        return Math.Max(count, 0);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        close(_epoll);
    }

    private void Control(int operation, int index, Socket socket, uint flags)
    {
        Span<byte> entry = stackalloc byte[16];
        entry.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(entry, flags);
        BinaryPrimitives.WriteInt32LittleEndian(entry[DataAt..], index);
        Checked(epoll_ctl(_epoll, operation, (int)socket.Handle, ref entry[0]), "epoll_ctl");
    }

    private static int Checked(int result, string call) =>
        result >= 0 ? result : throw new IOException($"{call} failed with errno {Marshal.GetLastPInvokeError()}");

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int epoll_ctl(int epoll, int operation, int socket, ref byte entry);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int epoll_wait(int epoll, ref byte entries, int capacity, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int close(int descriptor);
}

/// <summary>Everywhere else: correct, but each wait looks at every socket.</summary>
internal sealed class SelectReadiness(int capacity) : SocketReadiness
{
    private readonly Socket?[] _sockets = new Socket?[capacity];
    private readonly bool[] _writes = new bool[capacity];

    public override void Add(int index, Socket socket) => (_sockets[index], _writes[index]) = (socket, false);

    public override void WatchWrites(int index, Socket socket, bool watch) => _writes[index] = watch;

    public override void Remove(int index, Socket socket) => _sockets[index] = null;

    public override int Wait(Span<ReadySocket> ready, TimeSpan timeout)
    {
        List<Socket> readable = [.. _sockets.OfType<Socket>()];
        List<Socket> writable = [.. _sockets.Where((_, i) => _writes[i]).OfType<Socket>()];
        if (readable.Count == 0) return 0;

        Socket.Select(readable, writable, null, timeout);
        var count = 0;
        for (var i = 0; i < _sockets.Length && count < ready.Length; i++)
        {
            if (_sockets[i] is not { } socket) continue;
            var (canRead, canWrite) = (readable.Contains(socket), writable.Contains(socket));
            if (canRead || canWrite) ready[count++] = new ReadySocket(i, canRead, canWrite);
        }

        return count;
    }
}
