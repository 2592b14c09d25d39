using System.Reflection;
using Microsoft.Extensions.Logging;

namespace FleetTracker.Standalone;

/// <summary>Log ids are a public contract: one meaning each, over all programs.</summary>
public sealed class LogIdTests
{
    [Fact]
    public void No_log_id_is_used_twice()
    {
        var assemblies = Directory.GetFiles(AppContext.BaseDirectory, "FleetTracker.*.dll").Where(file => !file.EndsWith(".Tests.dll", StringComparison.Ordinal)).Select(Assembly.LoadFrom);
        var messages = assemblies.SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => (Method: method, Log: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(message => message.Log is not null)
            .ToList();

        Assert.True(messages.Count > 40, $"only {messages.Count} log messages were found");
        var twice = messages.GroupBy(message => message.Log!.EventId).Where(group => group.Count() > 1)
            .Select(group => $"{group.Key}: {string.Join(", ", group.Select(message => $"{message.Method.DeclaringType!.Name}.{message.Method.Name}"))}");
        Assert.Empty(twice);
    }
}
