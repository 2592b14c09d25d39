import {
  readArray, readBoolean, readInstant, readNullable, readNumber, readObject, readString, ShapeError,
} from '../../shared/parse/read';
import { toStatus, type LiveVehicle, type VehicleStatus } from '../../vehicles/vehicle';

export interface Cluster {
  readonly lat: number;
  readonly lon: number;
  readonly count: number;
  readonly worst: VehicleStatus;
}

export interface Snapshot {
  readonly version: number;
  readonly vehicles: readonly LiveVehicle[];
  readonly clusters: readonly Cluster[] | null;
  readonly total: number;
}

export interface Delta {
  readonly since: number;
  readonly version: number;
  readonly upserts: readonly LiveVehicle[];
  readonly removals: readonly string[];
}

export interface Clusters {
  readonly version: number;
  readonly clusters: readonly Cluster[];
}

export interface Freshness {
  readonly newestCommitAt: number | null;
  readonly serverAt: number;
  readonly stalled: boolean;
  readonly reason: string | null;
}

export function readSnapshot(value: unknown): Snapshot {
  const fields = readObject(value, 'Snapshot');
  return {
    version: readNumber(fields['version'], 'version'),
    vehicles: readKnown(fields['vehicles'], 'vehicles', readLive),
    clusters: readNullable(fields['clusters'], 'clusters', (list, what) => readKnown(list, what, readCluster)),
    total: readNumber(fields['total'], 'total'),
  };
}

export function readDelta(value: unknown): Delta {
  const fields = readObject(value, 'Delta');
  return {
    since: readNumber(fields['since'], 'since'),
    version: readNumber(fields['version'], 'version'),
    upserts: readKnown(fields['upserts'], 'upserts', readLive),
    removals: readArray(fields['removals'], 'removals', readString),
  };
}

export function readClusters(value: unknown): Clusters {
  const fields = readObject(value, 'Clusters');
  return { version: readNumber(fields['version'], 'version'), clusters: readKnown(fields['clusters'], 'clusters', readCluster) };
}

export function readFreshness(value: unknown): Freshness {
  const fields = readObject(value, 'Freshness');
  return {
    newestCommitAt: readNullable(fields['newestCommitAt'], 'newestCommitAt', readInstant),
    serverAt: readInstant(fields['serverAt'], 'serverAt'),
    stalled: readBoolean(fields['stalled'], 'stalled'),
    reason: readNullable(fields['reason'], 'reason', readString),
  };
}

export function readLive(value: unknown, what: string): LiveVehicle {
  const fields = readObject(value, what);
  return {
    vehicleId: readString(fields['vehicleId'], `${what}.vehicleId`),
    name: readString(fields['name'], `${what}.name`),
    status: toStatus(readString(fields['status'], `${what}.status`)),
    fixedAt: readInstant(fields['fixedAt'], `${what}.fixedAt`),
    receivedAt: readInstant(fields['receivedAt'], `${what}.receivedAt`),
    lat: readDegrees(fields['lat'], 90, `${what}.lat`),
    lon: readDegrees(fields['lon'], 180, `${what}.lon`),
    speed: readNullable(fields['speed'], `${what}.speed`, readNumber),
    heading: readNullable(fields['heading'], `${what}.heading`, readNumber),
    accuracy: readNullable(fields['accuracy'], `${what}.accuracy`, readNumber),
  };
}

function readCluster(value: unknown, what: string): Cluster {
  const fields = readObject(value, what);
  return {
    lat: readDegrees(fields['lat'], 90, `${what}.lat`),
    lon: readDegrees(fields['lon'], 180, `${what}.lon`),
    count: readNumber(fields['count'], `${what}.count`),
    worst: toStatus(readString(fields['worst'], `${what}.worst`)),
  };
}

function readDegrees(value: unknown, limit: number, what: string): number {
  const degrees = readNumber(value, what);
  if (Math.abs(degrees) > limit) throw new ShapeError(`${what} is beyond ${limit} degrees`);
  return degrees;
}

/** One vehicle that cannot be read must not hide the others. It is told on the console, since the page can do nothing about it. */
function readKnown<T>(value: unknown, what: string, read: (item: unknown, what: string) => T): T[] {
  return readArray(value, what, (item, where) => {
    try {
      return [read(item, where)];
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      console.error(`Ignored: ${error.message}`);
      return [];
    }
  }).flat();
}
