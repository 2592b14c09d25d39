import type { LiveVehicle } from '../vehicles/vehicle';

/** The instant that tests begin at. */
export const noon = Date.UTC(2026, 2, 1, 12, 0, 0);

/** A vehicle in the middle of Budapest that drives east, with what matters to a test said by the test. */
export function vehicle(vehicleId: string, change: Partial<LiveVehicle> = {}): LiveVehicle {
  return {
    vehicleId, name: `Van ${vehicleId}`, status: 'moving', fixedAt: noon, receivedAt: noon + 200,
    lat: 47.5, lon: 19.04, speed: 10, heading: 90, accuracy: 5, ...change,
  };
}
