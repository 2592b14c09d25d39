export const statuses = ['unknown', 'moving', 'idling', 'stopped', 'offline'] as const;
export type VehicleStatus = (typeof statuses)[number];

/** A vehicle as the live map shows it. Instants are milliseconds since 1970, speed is in m/s, heading in degrees clockwise from north. */
export interface LiveVehicle {
  readonly vehicleId: string;
  readonly name: string;
  readonly status: VehicleStatus;
  readonly fixedAt: number;
  readonly receivedAt: number;
  readonly lat: number;
  readonly lon: number;
  readonly speed: number | null;
  readonly heading: number | null;
  readonly accuracy: number | null;
}

export const statusNames: Readonly<Record<VehicleStatus, string>> = {
  unknown: 'Unknown',
  moving: 'Moving',
  idling: 'Idling',
  stopped: 'Stopped',
  offline: 'Offline',
};

/** A state that a newer server knows and this page does not reads as unknown, so one new word does not empty the map. */
export function toStatus(value: string): VehicleStatus {
  return statuses.find((status) => status === value) ?? 'unknown';
}
