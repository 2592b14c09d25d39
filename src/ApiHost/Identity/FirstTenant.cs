using FleetTracker.Hosting;

namespace FleetTracker.Identity;

/// <summary>What an API host of a cluster does at first start, as Standalone does on its own.</summary>
public static class FirstTenant
{
    /// <summary>Creates the first tenant, its owner and an enrollment key when they are missing, and prints what it generated, once.</summary>
    public static async Task StartFirstTenantAsync(this WebApplication app, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(output);
        var created = await app.Services.GetRequiredService<AdminBootstrap>().EnsureAsync(FromEnvironment(), CancellationToken.None);
        if (created.GeneratedPassword is { } password) await output.WriteLineAsync($"User {AdminBootstrap.UserName}, password {password} (not shown again)");
        if (created.GeneratedEnrollmentKey is { } key) await output.WriteLineAsync($"Enrollment key {key} (not shown again)");
    }

    /// <summary>What the operator gave.</summary>
    public static BootstrapRequest FromEnvironment() => new()
    {
        AdminPassword = FleetConfiguration.Read(Environment.GetEnvironmentVariable, "FLEETTRACKER_ADMIN_PASSWORD"),
        EnrollmentKey = FleetConfiguration.Read(Environment.GetEnvironmentVariable, "FLEETTRACKER_ENROLMENT_KEY"),
    };
}
