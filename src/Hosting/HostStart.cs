using System.Runtime.InteropServices;
using FleetTracker.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FleetTracker.Hosting;

/// <summary>The frame of every host's <c>Program.cs</c>: configuration names, logs, and one line on stderr when it cannot start.</summary>
public static class HostStart
{
    /// <summary>Runs a host; the result is the process's exit code.</summary>
    public static async Task<int> RunAsync(Func<Task> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var isAskedToStop = false;
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => isAskedToStop = true);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => isAskedToStop = true);
        try
        {
            await run();
            return 0;
        }
        catch (OperationCanceledException) when (isAskedToStop)
        {
            // Asked to stop before it had started.
            return 0;
        }
        catch (Exception error) when (Explain(error) is { } line)
        {
            await Console.Error.WriteLineAsync($"error: {line}");
            return 1;
        }
    }

    /// <summary>A builder with settings from <paramref name="defaults"/>, <c>appsettings.json</c>, known names and the environment, later ones first.</summary>
    public static WebApplicationBuilder CreateBuilder(string[] args, IDictionary<string, string?> defaults)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddFleetNames(Environment.GetEnvironmentVariable);
        builder.Configuration.AddDefaults(defaults);
        builder.AddFleetLogs();
        FleetConfiguration.WriteIgnored(Console.Out, Environment.GetEnvironmentVariable);
        return builder;
    }

    /// <summary>Checks every setting of every feature before anything starts, so that all problems are reported together.</summary>
    public static WebApplication WithValidSettings(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.Services.GetService<IStartupValidator>()?.Validate();
        return app;
    }

    public static void AddFleetLogs(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Logging.ClearProviders();
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        if (string.Equals(builder.Configuration["Logging:Format"], "json", StringComparison.OrdinalIgnoreCase))
        {
            builder.Logging.AddJsonConsole(console =>
            {
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
            });
            return;
        }

        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        });
    }

    /// <summary>Log levels that say what a reader wants tomorrow.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> LogLevels =>
    [
        new("Logging:LogLevel:Default", "Information"),
        new("Logging:LogLevel:Microsoft", "Warning"),
        new("Logging:LogLevel:Orleans", "Warning"),
        // At every start it takes the machine's uptime for the time since its last look, and speaks of deadlock.
        new("Logging:LogLevel:Orleans.Runtime.Watchdog", "Error"),
        new("Logging:LogLevel:Polly", "Warning"),
    ];

    /// <summary>One line for the operator, or <c>null</c> when only the whole exception tells what happened.</summary>
    public static string? Explain(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return error switch
        {
            // The outer one names the setting, the inner one only what was wrong with it.
            InvalidOperationException { InnerException: FormatException or ArgumentException or OverflowException } => error.Message,
            ArgumentException { ParamName: { } parameter } => error.Message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal),
            NewerSchemaException or OutdatedSchemaException or FormatException or ArgumentException => error.Message,
            OptionsValidationException options => string.Join(" ", options.Failures.Select(failure => $"{options.OptionsType.Name}: {failure}")),
            AggregateException many when many.InnerExceptions.All(inner => inner is OptionsValidationException) => string.Join(" ", many.InnerExceptions.Select(Explain)),
            IOException or UnauthorizedAccessException => error.Message,
            SqliteException file => $"a data file cannot be used: {file.Message}",
            Npgsql.NpgsqlException database => $"the database cannot be used: {database.Message}",
            _ when error.InnerException is { } inner => Explain(inner),
            _ => null,
        };
    }
}
