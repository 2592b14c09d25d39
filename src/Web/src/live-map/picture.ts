import type { LiveVehicle } from '../vehicles/vehicle';
import type { Cluster, Clusters, Delta, Snapshot } from './hub/messages';

/** What the server says is in view. */
export interface Picture {
  /** null until the first snapshot of this connection. */
  readonly version: number | null;
  readonly vehicles: ReadonlyMap<string, LiveVehicle>;
  /** null while every vehicle is drawn by itself. */
  readonly clusters: readonly Cluster[] | null;
  readonly total: number;
}

export const emptyPicture: Picture = { version: null, vehicles: new Map(), clusters: null, total: 0 };

export function applySnapshot(snapshot: Snapshot): Picture {
  return {
    version: snapshot.version,
    vehicles: new Map(snapshot.vehicles.map((vehicle) => [vehicle.vehicleId, vehicle])),
    clusters: snapshot.clusters,
    total: snapshot.total,
  };
}

/** The next picture, or null when the delta does not continue this one and only a new snapshot can tell the truth. */
export function applyDelta(picture: Picture, delta: Delta): Picture | null {
  if (picture.version !== delta.since) return null;
  const vehicles = new Map(picture.vehicles);
  for (const vehicleId of delta.removals) vehicles.delete(vehicleId);
  for (const vehicle of delta.upserts) vehicles.set(vehicle.vehicleId, vehicle);
  return { ...picture, version: delta.version, vehicles };
}

/** When the server turns from vehicles to clusters it no longer speaks for the vehicles, so they leave the picture. */
export function applyClusters(picture: Picture, { version, clusters }: Clusters): Picture {
  const vehicles = picture.clusters === null ? new Map<string, LiveVehicle>() : picture.vehicles;
  return { version, clusters, vehicles, total: clusters.reduce((sum, cluster) => sum + cluster.count, 0) };
}

/** The connection is gone: what is drawn stays, as the last known, but no delta may continue it. */
export function disown(picture: Picture): Picture {
  return { ...picture, version: null };
}
