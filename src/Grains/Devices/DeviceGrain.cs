namespace FleetTracker.Devices;

/// <summary>One device's registration. Key: the device id. All first contacts of a device meet here, so it is registered once.</summary>
internal sealed class DeviceGrain(DeviceRegistrar registrar) : Grain, IDeviceGrain
{
    public async ValueTask<DeviceRecord?> EnrollAsync(Enrollment enrollment)
    {
        ArgumentNullException.ThrowIfNull(enrollment);
        // The registry answers with what it has when the device is known already, so nothing is remembered here.
        var record = await registrar.RegisterAsync(this.GetPrimaryKeyString(), enrollment, CancellationToken.None);
        DeactivateOnIdle();
        return record;
    }
}
