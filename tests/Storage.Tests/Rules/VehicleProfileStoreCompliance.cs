using System.Collections.Immutable;
using FleetTracker.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace FleetTracker.Tests.Rules;

/// <summary>What every store of profiles promises.</summary>
public abstract class VehicleProfileStoreCompliance(StorageFixture fixture) : IAsyncLifetime
{
    private readonly IVehicleProfileStore _store = fixture.Services.GetRequiredService<IVehicleProfileStore>();
    private readonly string _prefix = Guid.NewGuid().ToString("N")[..12];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Vehicle => _prefix + "-v";

    public async ValueTask InitializeAsync()
    {
        var now = TimeProvider.System.GetUtcNow();
        await fixture.Fleet.EnsureTenantAsync(_prefix, "North", now, Cancellation);
        await fixture.Fleet.RegisterDevicesAsync(
            [new() { DeviceId = _prefix + ":d", Tenant = _prefix, VehicleId = Vehicle, VehicleName = "Car", Group = "Vans", RegisteredBy = "test", RegisteredAt = now }],
            Cancellation);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_profile_comes_back_as_it_was_put()
    {
        Assert.Equal(VehicleProfile.Empty, await _store.FindProfileAsync(_prefix, Vehicle, Cancellation));
        var profile = VehicleProfile.Empty with
        {
            Plate = "ÄÖ-123", Vin = "WVWZZZ1JZXW000001", Kind = "van", Icon = "truck",
            Fields = ImmutableSortedDictionary<string, string>.Empty.Add("color", "\"red\"").Add("Größe", "L"),
        };
        var put = await _store.PutProfileAsync(_prefix, Vehicle, profile, 0, "anna", Cancellation);
        var found = await _store.FindProfileAsync(_prefix, Vehicle, Cancellation);
        Assert.Equal((ChangeStatus.Done, 1L, put.Value!.UpdatedAt), (put.Status, found!.Revision, found.UpdatedAt));
        Assert.Equal((profile.Plate, profile.Vin, profile.Kind, profile.Icon), (found.Plate, found.Vin, found.Kind, found.Icon));
        Assert.Equal(profile.Fields, found.Fields);
    }

    [Fact]
    public async Task Of_two_who_knew_the_same_profile_the_second_is_refused()
    {
        var profile = VehicleProfile.Empty with { Plate = "A" };
        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _store.PutProfileAsync(_prefix, Vehicle, profile, 0, "anna", Cancellation)));
        Assert.Single(results, result => result.Status == ChangeStatus.Done);
        Assert.Equal(5, results.Count(result => result.Status == ChangeStatus.Stale));
        Assert.Equal(ChangeStatus.Done, (await _store.PutProfileAsync(_prefix, Vehicle, profile, null, "anna", Cancellation)).Status);
    }

    [Fact]
    public async Task Only_vehicles_of_the_tenant_have_profiles_and_they_go_with_them()
    {
        Assert.Null(await _store.FindProfileAsync("other", Vehicle, Cancellation));
        Assert.Equal(ChangeStatus.NotFound, (await _store.PutProfileAsync("other", Vehicle, VehicleProfile.Empty, null, "anna", Cancellation)).Status);
        await _store.PutProfileAsync(_prefix, Vehicle, VehicleProfile.Empty with { Plate = "A" }, null, "anna", Cancellation);
        await fixture.Fleet.DeleteGroupWithVehiclesAsync(_prefix, "Vans", Cancellation);
        Assert.Null(await _store.FindProfileAsync(_prefix, Vehicle, Cancellation));
        var audited = await fixture.Services.GetRequiredService<IRulesStore>().ReadAuditAsync(_prefix, null, 10, Cancellation);
        Assert.Equal(("profile.update", Vehicle, null), (audited[0].What, audited[0].Subject, audited[0].Before));
    }
}

public sealed class SqliteVehicleProfileStoreTests(SqliteFixture fixture) : VehicleProfileStoreCompliance(fixture), IClassFixture<SqliteFixture>;

public sealed class PostgreSqlVehicleProfileStoreTests(PostgreSqlFixture fixture) : VehicleProfileStoreCompliance(fixture), IClassFixture<PostgreSqlFixture>;
