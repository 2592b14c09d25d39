namespace FleetTracker.Ingestion;

/// <summary>
/// Why something got no row: the <c>reason</c> of the metric and of the quarantine. Public words; never rename one.
/// </summary>
public static class Refusals
{
    public const string Empty = "empty";
    public const string NotUtf8 = "not_utf8";
    public const string NotJson = "not_json";
    public const string TooDeep = "too_deep";
    public const string NotAnObject = "not_an_object";
    public const string EmptyArray = "empty_array";
    public const string TooManyElements = "too_many_elements";
    public const string DuplicateMember = "duplicate_member";
    public const string MissingLatitude = "missing_latitude";
    public const string MissingLongitude = "missing_longitude";
    public const string LatitudeOutOfRange = "latitude_out_of_range";
    public const string LongitudeOutOfRange = "longitude_out_of_range";
    public const string NotANumber = "not_a_number";
    public const string NumberOutOfRange = "number_out_of_range";
    public const string NotABoolean = "not_a_boolean";
    public const string NotAString = "not_a_string";
    public const string BadText = "bad_text";
    public const string BadTime = "bad_time";
    public const string TimeBefore2000 = "time_before_2000";
    public const string TimeAhead = "time_ahead";
    public const string TimeBeyondRetention = "time_beyond_retention";
    public const string AttributesTooLarge = "attributes_too_large";
    public const string Encrypted = "encrypted";
    public const string ForeignTopic = "foreign_topic";
    public const string UnknownTopic = "unknown_topic";
    public const string TopicTooLong = "topic_too_long";
    public const string IllegalDeviceId = "illegal_device_id";
    public const string ForeignTenant = "foreign_tenant";
    public const string UnknownDevice = "unknown_device";
    public const string NotPaired = "not_paired";
    public const string WindowFull = "window_full";
    public const string StoreRefused = "store_refused";
}
