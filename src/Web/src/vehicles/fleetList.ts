import type { Position, Vehicle } from '../shared/api/client';
import { instantOf, numberOf } from '../shared/api/wire';
import { toStatus, type LiveVehicle, type VehicleStatus } from './vehicle';

/** A line of the fleet list: what the server listed, with what came live since. */
export interface FleetRow {
  readonly id: string;
  readonly name: string;
  readonly deviceId: string | null;
  readonly groups: readonly string[];
  readonly status: VehicleStatus;
  /** null for a vehicle that has never reported. */
  readonly last: LiveVehicle | null;
}

export function toLive(vehicle: Pick<Vehicle, 'id' | 'name' | 'status'>, position: Position | null): LiveVehicle | null {
  if (position === null) return null;
  const { id: vehicleId, name } = vehicle;
  const [lat, lon] = [numberOf(position.lat), numberOf(position.lon)];
  const fixedAt = instantOf(position.fixedAt);
  if (lat === null || lon === null || Number.isNaN(fixedAt)) return null;
  return {
    vehicleId, name, status: toStatus(vehicle.status), fixedAt, receivedAt: instantOf(position.receivedAt), lat, lon,
    speed: numberOf(position.speed), heading: numberOf(position.heading), accuracy: numberOf(position.accuracy),
  };
}

export function toRow(vehicle: Vehicle, live: LiveVehicle | undefined): FleetRow {
  const listed = toLive(vehicle, vehicle.position);
  const isLive = live !== undefined && live.fixedAt >= (listed?.fixedAt ?? 0);
  const { id, name, deviceId, groups } = vehicle;
  return { id, name, deviceId, groups, status: isLive ? live.status : toStatus(vehicle.status), last: isLive ? live : listed };
}

/** The listed vehicles in the order of the server, then those that are on the map and not in the list yet. */
export function mergeFleet(listed: readonly Vehicle[], live: ReadonlyMap<string, LiveVehicle>): FleetRow[] {
  const known = new Set(listed.map((vehicle) => vehicle.id));
  const unlisted = [...live.values()]
    .filter((vehicle) => !known.has(vehicle.vehicleId))
    .map((vehicle): FleetRow => ({
      id: vehicle.vehicleId, name: vehicle.name, deviceId: null, groups: [], status: vehicle.status, last: vehicle,
    }));
  return [...listed.map((vehicle) => toRow(vehicle, live.get(vehicle.id))), ...unlisted];
}

/**
 * Whether every word of the search is found in the name, the id, the device or a group, without case: the rule of the server, so that a row
 * does not come or go when its answer does.
 */
export function matches(row: Pick<FleetRow, 'id' | 'name' | 'deviceId' | 'groups'>, search: string): boolean {
  const text = [row.name, row.id, row.deviceId ?? '', ...row.groups].join('\n').toLowerCase();
  return search.toLowerCase().trim().split(/\s+/).every((word) => text.includes(word));
}

/** The row that an arrow key leads to; from nowhere it leads to the first or the last. */
export function neighbor(rows: readonly { readonly id: string }[], id: string | null, step: 1 | -1): string | null {
  const index = rows.findIndex((row) => row.id === id);
  const next = index === -1 ? (step === 1 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, index + step));
  return rows[next]?.id ?? null;
}
