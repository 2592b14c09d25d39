namespace FleetTracker.Ingestion;

/// <summary>One element of a message: a fix whose vehicle is not known yet, or the reason why there is none.</summary>
internal struct DecodedElement
{
    /// <summary>Place in the message's array; 0 for a message of one.</summary>
    public int Index;

    /// <summary>Where the element's own bytes are in the payload.</summary>
    public int Offset;

    public int Length;

    /// <summary>A word of <see cref="Refusals"/>, or <c>null</c> for a fix.</summary>
    public string? Reason;

    /// <summary>One sentence that names the field and its value.</summary>
    public string? Detail;

    public DateTimeOffset FixedAt;
    public long Digest;
    public FixVerdict Verdict;
    public double? Latitude;
    public double? Longitude;
    public double? AltitudeMeters;
    public double? SpeedMetersPerSecond;
    public double? HeadingDegrees;
    public double? AccuracyMeters;
    public bool? Ignition;
    public double? OdometerMeters;
    public string? Attributes;

    public readonly bool IsRefused => Reason is not null;

    /// <summary>Keeps the first problem: it is the one that a person can find and mend.</summary>
    public void Refuse(string reason, string detail)
    {
        if (Reason is not null) return;
        Reason = reason;
        Detail = detail;
    }
}

/// <summary>What a message held. Reused by its thread from message to message.</summary>
internal sealed class DecodedElements
{
    private DecodedElement[] _items = new DecodedElement[4];

    public int Count { get; private set; }

    /// <summary>The device said that it lost its connection (OwnTracks <c>lwt</c>) or what its state is; <c>null</c> when the message does not say.</summary>
    public bool? Online { get; set; }

    /// <summary>The message was understood and holds nothing for us, for example an OwnTracks <c>waypoint</c>; <c>null</c> otherwise.</summary>
    public string? IgnoredType { get; set; }

    public ref DecodedElement this[int index] => ref _items[index];

    public void Clear()
    {
        Array.Clear(_items, 0, Count);
        Count = 0;
        Online = null;
        IgnoredType = null;

        // A backlog of a thousand fixes must not pin its memory to a thread for ever.
        if (_items.Length > 256) _items = new DecodedElement[4];
    }

    public ref DecodedElement Add()
    {
        if (Count == _items.Length) Array.Resize(ref _items, _items.Length * 2);
        ref var element = ref _items[Count];
        element = default;
        element.Index = Count;
        Count++;
        return ref element;
    }

    public void RemoveLast() => Count--;

    /// <summary>The message as a whole is refused: whatever was read of it before does not count.</summary>
    public void RefuseAll(string reason, string detail, int length)
    {
        Clear();
        ref var element = ref Add();
        element.Length = length;
        element.Refuse(reason, detail);
    }
}

/// <summary>The bounds and the clock that a payload is read with.</summary>
internal readonly record struct DecodingContext(DateTimeOffset ReceivedAt, FixOptions Fixes, int MaxElements);
