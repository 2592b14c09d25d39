import { nearestTurn, type LngLat } from '../../shared/geodesy/geodesy';

export interface TrailPoint {
  readonly at: number;
  readonly lat: number;
  readonly lon: number;
}

/** A silence longer than this is left open: nobody knows the way between. */
export const trailGapMs = 10 * 60_000;

/** History and live points as one trail, in order of time, each time once; what came live wins. */
export function mergeTrail(history: readonly TrailPoint[], live: readonly TrailPoint[]): TrailPoint[] {
  const byTime = new Map<number, TrailPoint>();
  for (const point of [...history, ...live]) byTime.set(point.at, point);
  return [...byTime.values()].sort((a, b) => a.at - b.at);
}

/** The lines to draw: cut at silences, and continued over the antimeridian. */
export function trailLines(points: readonly TrailPoint[], gapMs = trailGapMs): LngLat[][] {
  const lines: LngLat[][] = [];
  let line: LngLat[] = [];
  let before: TrailPoint | null = null;
  for (const point of points) {
    if (before === null || point.at - before.at > gapMs) {
      line = [];
      lines.push(line);
    }
    const nearTo = line.at(-1)?.[0];
    line.push([nearTo === undefined ? point.lon : nearestTurn(point.lon, nearTo), point.lat]);
    before = point;
  }
  return lines.filter((each) => each.length > 1);
}
