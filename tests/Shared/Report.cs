namespace FleetTracker.Testing;

/// <summary>Figures that a passing test has to say. <c>./test</c> names a file for them and prints it after the suite.</summary>
internal static class Report
{
    public static void Line(string format, params object[] values)
    {
        if (Environment.GetEnvironmentVariable("FLEETTRACKER_TEST_REPORT") is { Length: > 0 } file)
            File.AppendAllText(file, string.Format(System.Globalization.CultureInfo.InvariantCulture, format, values) + "\n");
    }
}
