import type { Map as MapLibreMap, Point } from 'maplibre-gl';
import type { LngLat } from '../../shared/geodesy/geodesy';

export interface PointerEvents {
  /** A vehicle was picked on the map; null for a click beside all of them. */
  readonly onPick: (vehicleId: string | null) => void;
  readonly onHover: (vehicleId: string | null) => void;
}

const tolerance = 10;

/** Tells what the pointer is on, from when the layers of the fleet are there. */
export function listenToPointer(map: MapLibreMap, events: PointerEvents, onCluster: (center: LngLat) => void): void {
  let hovered: string | null = null;
  const hover = (vehicleId: string | null) => {
    if (hovered === vehicleId) return;
    hovered = vehicleId;
    map.getCanvas().style.cursor = vehicleId === null ? '' : 'pointer';
    events.onHover(vehicleId);
  };
  map.on('mousemove', (event) => hover(vehicleAt(map, event.point)));
  map.on('mouseout', () => hover(null));
  map.on('click', (event) => {
    const vehicleId = vehicleAt(map, event.point);
    const cluster = vehicleId === null ? clusterAt(map, event.point) : null;
    if (cluster === null) events.onPick(vehicleId);
    else onCluster(cluster);
  });
}

function vehicleAt(map: MapLibreMap, { x, y }: Point): string | null {
  const box: [[number, number], [number, number]] = [[x - tolerance, y - tolerance], [x + tolerance, y + tolerance]];
  const id: unknown = map.queryRenderedFeatures(box, { layers: ['vehicles'] })[0]?.properties['id'];
  return typeof id === 'string' ? id : null;
}

function clusterAt(map: MapLibreMap, point: Point): LngLat | null {
  const cluster = map.queryRenderedFeatures(point, { layers: ['clusters'] })[0];
  if (cluster?.geometry.type !== 'Point') return null;
  const [lng = 0, lat = 0] = cluster.geometry.coordinates;
  return [lng, lat];
}
