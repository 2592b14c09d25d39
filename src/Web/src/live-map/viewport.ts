/** What the page asks the hub to watch. West above east crosses the antimeridian. */
export interface Viewport {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
  readonly zoom: number;
}

/** Bounds as a map gives them: longitudes may lie in another turn of the world. */
export interface Bounds {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

const margin = 0.2;
const zoomStep = 0.5;

/** The longitude in [-180, 180); one that is there already stays as it is to the last digit. */
export function wrapLongitude(lng: number): number {
  if (lng >= -180 && lng < 180) return lng;
  return ((((lng + 180) % 360) + 360) % 360) - 180;
}

/** The area to watch for what is in view: somewhat larger, so that a small move finds its vehicles already there. */
export function toViewport(bounds: Bounds, zoom: number): Viewport {
  const width = bounds.east - bounds.west;
  const padX = width * margin;
  const padY = (bounds.north - bounds.south) * margin;
  const south = Math.max(-90, bounds.south - padY);
  const north = Math.min(90, bounds.north + padY);
  if (width + 2 * padX >= 360) return { west: -180, south, east: 180, north, zoom };
  return { west: wrapLongitude(bounds.west - padX), south, east: wrapLongitude(bounds.east + padX), north, zoom };
}

/** Whether what is in view needs another watch than the one that runs: it left the watched area, or the scale is another. */
export function needsWatch(watched: Viewport | null, bounds: Bounds, zoom: number): boolean {
  if (watched === null || Math.abs(watched.zoom - zoom) >= zoomStep) return true;
  if (bounds.south < watched.south || bounds.north > watched.north) return true;
  if (watched.west === -180 && watched.east === 180) return false;
  const width = watched.east - watched.west + (watched.west > watched.east ? 360 : 0);
  const lead = (((bounds.west - watched.west) % 360) + 360) % 360;
  return lead + (bounds.east - bounds.west) > width;
}

interface Place {
  readonly lat: number;
  readonly lon: number;
}

/** Whether an area that has the same middle has room in another; they may lie in different turns of the world. */
export function hasRoomFor(outer: Bounds, inner: Bounds): boolean {
  return inner.east - inner.west <= outer.east - outer.west && inner.south >= outer.south && inner.north <= outer.north;
}

const most = 0.8;

/** The four of five points that lie nearest to the middle one. */
export function mostOf<T extends Place>(points: readonly T[]): T[] {
  const middle = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  const lat = middle(points.map((point) => point.lat));
  const lon = middle(points.map((point) => point.lon));
  const distance = (point: T) => Math.hypot(point.lat - lat, wrapLongitude(point.lon - lon));
  return [...points].sort((a, b) => distance(a) - distance(b)).slice(0, Math.ceil(points.length * most));
}

/** The smallest box around the points, across the antimeridian where that is smaller; east may exceed 180. */
export function boundsOf(points: readonly Place[]): Bounds | null {
  if (points.length === 0) return null;
  const lats = points.map((point) => point.lat);
  const lons = points.map((point) => wrapLongitude(point.lon)).sort((a, b) => a - b);
  let west = lons[0] ?? 0;
  let east = lons.at(-1) ?? 0;
  let widestGap = 360 - (east - west);
  for (let i = 1; i < lons.length; i++) {
    const before = lons[i - 1] ?? 0;
    const after = lons[i] ?? 0;
    if (after - before <= widestGap) continue;
    widestGap = after - before;
    west = after;
    east = before + 360;
  }
  return { west, east, south: lats.reduce((a, b) => Math.min(a, b)), north: lats.reduce((a, b) => Math.max(a, b)) };
}
