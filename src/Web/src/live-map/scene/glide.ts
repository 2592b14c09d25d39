import { bearingDegrees, distanceMeters, nearestTurn, turnDegrees, type LngLat } from '../../shared/geodesy/geodesy';
import type { LiveVehicle } from '../../vehicles/vehicle';

/** Where a vehicle is drawn. The heading is null where no direction is known. */
export interface Place {
  readonly lngLat: LngLat;
  readonly heading: number | null;
}

/** The way of a drawn vehicle to its newest fix. It ends there: nothing is drawn ahead of data. */
export interface Glide {
  readonly from: Place;
  readonly to: Place;
  readonly startedAt: number;
  readonly durationMs: number;
}

/** Beyond these a line between two fixes is a guess, and the vehicle jumps. */
export const jumpAfterMs = 60_000;
export const jumpBeyondMeters = 3_000;
const jumpBeyondMetersPerSecond = 90;
const turnMs = 800;
const trustedMoveMeters = 5;

export function standAt(vehicle: LiveVehicle, now: number): Glide {
  const place: Place = { lngLat: [vehicle.lon, vehicle.lat], heading: vehicle.heading };
  return { from: place, to: place, startedAt: now, durationMs: 0 };
}

/** The glide from what is drawn now to the next fix, over the time that lay between the two fixes. */
export function glideTo(running: Glide, before: LiveVehicle, next: LiveVehicle, now: number): Glide {
  const from = placeAt(running, now);
  const interval = next.fixedAt - before.fixedAt;
  const way = distanceMeters([before.lon, before.lat], [next.lon, next.lat]);
  const lngLat: LngLat = [nearestTurn(next.lon, from.lngLat[0]), next.lat];
  const heading = next.heading ?? (way > trustedMoveMeters ? bearingDegrees([before.lon, before.lat], [next.lon, next.lat]) : from.heading);
  const to: Place = { lngLat, heading };

  const isJump = interval <= 0 || interval > jumpAfterMs || way > jumpBeyondMeters || way > (interval / 1_000) * jumpBeyondMetersPerSecond
    || distanceMeters(from.lngLat, lngLat) > jumpBeyondMeters;
  if (isJump) return { from: { ...to, lngLat: [next.lon, next.lat] }, to: { ...to, lngLat: [next.lon, next.lat] }, startedAt: now, durationMs: 0 };
  return { from, to, startedAt: now, durationMs: interval };
}

export function placeAt(glide: Glide, now: number): Place {
  const elapsed = Math.max(0, now - glide.startedAt);
  if (elapsed >= glide.durationMs) return glide.to;
  const part = elapsed / glide.durationMs;
  const [fromLng, fromLat] = glide.from.lngLat;
  const [toLng, toLat] = glide.to.lngLat;
  return {
    lngLat: [fromLng + (toLng - fromLng) * part, fromLat + (toLat - fromLat) * part],
    heading: headingAt(glide, elapsed),
  };
}

export function isOver(glide: Glide, now: number): boolean {
  return now - glide.startedAt >= glide.durationMs;
}

/** A vehicle turns at the beginning of its way, as it does on the road, not all along it. */
function headingAt({ from, to, durationMs }: Glide, elapsed: number): number | null {
  if (to.heading === null || from.heading === null) return to.heading;
  const part = Math.min(1, elapsed / Math.min(turnMs, durationMs));
  return (from.heading + turnDegrees(from.heading, to.heading) * part + 360) % 360;
}
