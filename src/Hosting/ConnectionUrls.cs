using System.Globalization;
using Npgsql;

namespace FleetTracker.Hosting;

/// <summary>Database URLs as platforms hand them out: <c>postgresql://user:password@host:port/database?sslmode=require</c> or <c>sqlite:PATH</c>.</summary>
public static class ConnectionUrls
{
    /// <summary>The folder of a <c>sqlite:</c> URL, or <c>null</c> when it is another kind.</summary>
    public static string? SqliteFolder(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!url.StartsWith("sqlite:", StringComparison.OrdinalIgnoreCase)) return null;
        var path = url["sqlite:".Length..];
        // SQLAlchemy writes three slashes before a relative path and four before an absolute one.
        if (path.StartsWith("////", StringComparison.Ordinal)) path = path[3..];
        else if (path.StartsWith("///", StringComparison.Ordinal)) path = path[3..];
        return path;
    }

    /// <summary>An Npgsql connection string.</summary>
    /// <exception cref="FormatException">The URL is not one; the message never contains it, since it holds a password.</exception>
    public static string ToNpgsql(string url, string setting)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("postgresql" or "postgres"))
            throw new FormatException($"{setting} must be postgresql://user:password@host:port/database or sqlite:PATH.");
        if (uri.AbsolutePath.Length < 2) throw new FormatException($"{setting} names no database after the host.");

        var user = uri.UserInfo.Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host.Trim('[', ']'),
            Port = uri.Port > 0 ? uri.Port : 5432,
            Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]),
        };
        if (user[0].Length > 0) builder.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1) builder.Password = Uri.UnescapeDataString(user[1]);

        foreach (var parameter in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = parameter.Split('=', 2);
            var value = pair.Length > 1 ? Uri.UnescapeDataString(pair[1]) : "";
            switch (pair[0].ToLowerInvariant())
            {
                case "sslmode":
                    builder.SslMode = Enum.TryParse<SslMode>(value.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var mode)
                        ? mode
                        : throw new FormatException($"{setting} has sslmode '{value}', which is none of disable, allow, prefer, require, verify-ca, verify-full.");
                    break;
                case "application_name":
                    builder.ApplicationName = value;
                    break;
                case "connect_timeout":
                    builder.Timeout = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                default:
                    throw new FormatException($"{setting} has the parameter '{pair[0]}', which is not understood.");
            }
        }

        return builder.ConnectionString;
    }
}
