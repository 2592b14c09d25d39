namespace FleetTracker.Mqtt;

/// <summary>MQTT topic filters (3.1.1 and 5, section 4.7): <c>+</c> is one level, a trailing <c>#</c> is its parent and everything below.</summary>
internal static class TopicFilter
{
    /// <summary>Whether the text is a filter at all: wildcards stand alone in their level, and <c>#</c> is last.</summary>
    public static bool IsValid(ReadOnlySpan<char> filter)
    {
        if (filter.IsEmpty || filter.Contains('\0')) return false;
        while (true)
        {
            var slash = filter.IndexOf('/');
            var level = slash < 0 ? filter : filter[..slash];
            if (level.ContainsAny('+', '#') && level.Length != 1) return false;
            if (slash < 0) return true;
            if (level is "#") return false;
            filter = filter[(slash + 1)..];
        }
    }

    public static bool Matches(ReadOnlySpan<char> filter, ReadOnlySpan<char> topic)
    {
        // A filter that starts with a wildcard does not match the broker's own topics [MQTT-4.7.2-1].
        if (topic.Length > 0 && topic[0] == '$' && filter.Length > 0 && filter[0] is '+' or '#') return false;

        while (true)
        {
            if (filter is "#") return true;

            var filterSlash = filter.IndexOf('/');
            var topicSlash = topic.IndexOf('/');
            var filterLevel = filterSlash < 0 ? filter : filter[..filterSlash];
            var topicLevel = topicSlash < 0 ? topic : topic[..topicSlash];
            if (filterLevel is not "+" && !filterLevel.SequenceEqual(topicLevel)) return false;

            if (topicSlash < 0) return filterSlash < 0 || filter[(filterSlash + 1)..] is "#";
            if (filterSlash < 0) return false;
            filter = filter[(filterSlash + 1)..];
            topic = topic[(topicSlash + 1)..];
        }
    }
}
