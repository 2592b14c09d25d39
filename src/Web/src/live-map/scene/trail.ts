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

/**
 * A trail that grows and is no longer than a span of time. Fixes come in order as a rule and are appended; sorting is for those that do not,
 * and for history.
 */
export class Trail {
  readonly #spanMs: number;
  #points: TrailPoint[] = [];

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  get points(): readonly TrailPoint[] {
    return this.#points;
  }

  /** Adds what history tells; what came live wins. */
  fill(history: readonly TrailPoint[]): void {
    this.#points = mergeTrail(history, this.#points);
    this.#cut();
  }

  add(point: TrailPoint): void {
    if (point.at > (this.#points.at(-1)?.at ?? -Infinity)) this.#points.push(point);
    else this.#points = mergeTrail(this.#points, [point]);
    this.#cut();
  }

  #cut(): void {
    const oldest = (this.#points.at(-1)?.at ?? 0) - this.#spanMs;
    const kept = this.#points.findIndex(({ at }) => at >= oldest);
    if (kept > 0) this.#points.splice(0, kept);
  }
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
