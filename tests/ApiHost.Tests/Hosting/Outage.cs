using System.Reflection;

namespace FleetTracker.Hosting.Tests;

/// <summary>A store that can be taken away.</summary>
public class Outage : DispatchProxy
{
    private object _store = null!;

    public static Exception? Failure { get; set; }

    /// <summary>What calls fail with; <c>null</c> for those that succeed.</summary>
    public static Func<MethodInfo, object?[], Exception?>? FailureOf { get; set; }

    public static T Around<T>(T store)
        where T : class
    {
        var proxy = Create<T, Outage>();
        ((Outage)(object)proxy)._store = store;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if ((Failure ?? FailureOf?.Invoke(targetMethod!, args!)) is { } failure) throw failure;
        return targetMethod!.Invoke(_store, BindingFlags.DoNotWrapExceptions, null, args, null);
    }
}
