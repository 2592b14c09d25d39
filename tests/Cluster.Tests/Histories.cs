using System.Globalization;
using System.Text;
using FleetTracker.Simulation;
using FleetTracker.Testing;

namespace FleetTracker.Cluster;

/// <summary>Asks the API for the whole history of every device and holds it against what was acknowledged.</summary>
internal static class Histories
{
    public static async Task<HistoryReport> CompareAsync(ApiClient api, AcknowledgedFixes acknowledged)
    {
        var vehicles = await api.VehiclesByDeviceAsync();
        var report = new HistoryReport { Acknowledged = acknowledged.Count };
        foreach (var device in acknowledged.DeviceIds)
        {
            if (!vehicles.TryGetValue(device, out var vehicle))
            {
                report.Add(device, acknowledged.Of(device).Count(), 0);
                continue;
            }

            var rows = await api.AllAsync($"/api/v1/vehicles/{vehicle}/positions?verdict=all&limit=10000");
            var history = rows.ConvertAll(row => row.GetProperty("fixedAt").GetDateTimeOffset());
            Assert.Equal(history.Order(), history);
            var defects = acknowledged.Compare(device, history);
            report.Stored += history.Count;
            report.Add(device, defects.Lost.Count, defects.StoredTwice.Count);
        }

        return report;
    }
}

/// <summary>How a history differs from what was acknowledged.</summary>
internal sealed class HistoryReport
{
    private readonly StringBuilder _devices = new();

    public long Acknowledged { get; init; }

    public long Stored { get; set; }

    public long Lost { get; private set; }

    public long StoredTwice { get; private set; }

    public void Add(string device, int lost, int twice)
    {
        Lost += lost;
        StoredTwice += twice;
        if (lost + twice > 0 && _devices.Length < 2000) _devices.Append(CultureInfo.InvariantCulture, $"\n  {device}: {lost} lost, {twice} stored twice");
    }

    public override string ToString() => $"{Acknowledged} acknowledged, {Stored} stored, {Lost} lost, {StoredTwice} stored twice{_devices}";
}
