using Npgsql;

namespace FleetTracker.Hosting;

public sealed class FleetConfigurationTests
{
    [Theory]
    [InlineData("JWT_SECRET_KEY")]
    [InlineData("REDIS_URL")]
    [InlineData("AUTH_SERVICE_URL")]
    public void A_name_without_effect_is_told_without_its_value(string name)
    {
        using var output = new StringWriter();
        FleetConfiguration.WriteIgnored(output, asked => asked == name ? "s3cret" : null);
        Assert.StartsWith($"{name} is set and has no effect: ", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_url_is_percent_decoded()
    {
        var settings = Translate(("DATABASE_URL", "postgresql://fleet%40us:p%2Fw%3A1@db.example:5433/fleet%20db?sslmode=verify-full"));
        var connection = new NpgsqlConnectionStringBuilder(settings["Storage:ConnectionString"]);
        Assert.Equal(("PostgreSql", "fleet@us", "p/w:1", "db.example", 5433, "fleet db", SslMode.VerifyFull),
            (settings["Storage:Provider"], connection.Username, connection.Password, connection.Host, connection.Port, connection.Database, connection.SslMode));
    }

    [Theory]
    [InlineData("AUTH_DATABASE_URL", "Storage:IdentityConnectionString")]
    [InlineData("VEHICLE_DATABASE_URL", "Storage:FleetConnectionString")]
    [InlineData("LOCATION_DATABASE_URL", "Storage:TelemetryConnectionString")]
    [InlineData("NOTIFICATION_DATABASE_URL", "Storage:NotificationsConnectionString")]
    public void Each_concern_has_a_url_of_its_own(string name, string setting) =>
        Assert.Contains("Database=x", Translate((name, "postgres://u:p@h/x"))[setting], StringComparison.Ordinal);

    [Theory]
    [InlineData("sqlite:data", "data")]
    [InlineData("sqlite:/var/lib/fleet", "/var/lib/fleet")]
    [InlineData("sqlite:///relative", "relative")]
    [InlineData("sqlite:////absolute", "/absolute")]
    public void A_sqlite_url_names_a_folder(string url, string folder)
    {
        var settings = Translate(("DATABASE_URL", url));
        Assert.Equal(("Sqlite", folder), (settings["Storage:Provider"], settings["Storage:DataDirectory"]));
    }

    [Theory]
    [InlineData("mysql://u:secret@h/x")]
    [InlineData("postgresql://u:secret@h")]
    [InlineData("postgresql://u:secret@h/x?sslmode=maybe")]
    [InlineData("postgresql://u:secret@h/x?unknown=1")]
    [InlineData("secret")]
    public void A_bad_url_is_named_by_its_setting_and_never_printed(string url)
    {
        var error = Assert.Throws<FormatException>(() => Translate(("LOCATION_DATABASE_URL", url)));
        Assert.Contains("LOCATION_DATABASE_URL", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mqtt://broker", "1883", "false")]
    [InlineData("mqtts://broker", "8883", "true")]
    [InlineData("mqtts://broker:9999", "9999", "true")]
    public void A_broker_url_turns_client_mode_on(string url, string port, string tls)
    {
        var settings = Translate(("MQTT_BROKER_URL", url), ("MQTT_USERNAME", "bridge"));
        Assert.Equal(("Client", "broker", port, tls, "bridge"),
            (settings["Mqtt:Mode"], settings["Mqtt:Client:Host"], settings["Mqtt:Client:Port"], settings["Mqtt:Client:UseTls"], settings["Mqtt:Client:UserName"]));
    }

    [Fact]
    public void A_secret_may_come_from_a_file()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "from-a-file\n");
            Assert.Equal("from-a-file", Translate(("MQTT_PASSWORD_FILE", file))["Mqtt:Client:Password"]);
        }
        finally
        {
            File.Delete(file);
        }

        var error = Assert.Throws<FormatException>(() => Translate(("MQTT_PASSWORD_FILE", file)));
        Assert.Contains("MQTT_PASSWORD_FILE", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("JWT_EXPIRE_MINUTES", "soon")]
    [InlineData("JWT_EXPIRE_MINUTES", "0")]
    [InlineData("LOG_LEVEL", "loud")]
    [InlineData("MQTT_BROKER_URL", "http://broker")]
    public void A_value_that_is_none_is_refused_by_name(string name, string value) =>
        Assert.Contains(name, Assert.Throws<FormatException>(() => Translate((name, value))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("info", "Information")]
    [InlineData("WARN", "Warning")]
    [InlineData("debug", "Debug")]
    public void Log_levels_are_understood_by_their_usual_names(string value, string level) =>
        Assert.Equal(level, Translate(("LOG_LEVEL", value))["Logging:LogLevel:Default"]);

    private static Dictionary<string, string?> Translate(params (string Name, string Value)[] environment) =>
        FleetConfiguration.Translate(name => environment.FirstOrDefault(variable => variable.Name == name).Value);
}
