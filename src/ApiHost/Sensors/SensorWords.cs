using System.Diagnostics;

namespace FleetTracker.Sensors;

/// <summary>Words of the wire format.</summary>
internal static class SensorWords
{
    public static readonly (string Word, SensorKind Value)[] Kinds = [("gauge", SensorKind.Gauge), ("fuel", SensorKind.Fuel), ("switch", SensorKind.Switch)];

    public static string WordOf(SensorKind kind) => Array.Find(Kinds, word => word.Value == kind).Word ?? throw new UnreachableException();
}
