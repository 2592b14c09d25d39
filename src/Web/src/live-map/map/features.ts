import type * as GeoJSON from 'geojson';
import { circleRing, type LngLat } from '../../shared/geodesy/geodesy';
import type { VehicleStatus } from '../../vehicles/vehicle';
import type { Cluster } from '../hub/messages';
import type { SceneFeature } from '../scene/scene';
import { iconOf } from './icons';

type Feature<G extends GeoJSON.Geometry = GeoJSON.Geometry> = GeoJSON.Feature<G, Record<string, unknown>>;

/** Who is drawn above whom: what needs attention last, so on top. */
const order: Readonly<Record<VehicleStatus, number>> = { offline: 0, unknown: 1, stopped: 2, idling: 3, moving: 4 };

export function vehicleFeature(drawn: SceneFeature, isSelected: boolean): Feature<GeoJSON.Point> {
  const { vehicle, heading } = drawn;
  return {
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [drawn.lng, drawn.lat] },
    properties: {
      id: drawn.id,
      name: vehicle.name,
      icon: iconOf(vehicle, heading),
      heading: vehicle.status === 'moving' ? (heading ?? 0) : 0,
      opacity: isSelected ? 1 : drawn.opacity,
      order: isSelected ? 9 : order[vehicle.status],
      selected: isSelected,
    },
  };
}

const compact = new Intl.NumberFormat(undefined, { notation: 'compact' });

export function clusterFeatures(clusters: readonly Cluster[]): Feature<GeoJSON.Point>[] {
  return clusters.map(({ lat, lon, count, worst }) => ({
    type: 'Feature',
    geometry: { type: 'Point', coordinates: [lon, lat] },
    properties: { count, worst, text: compact.format(count) },
  }));
}

export interface Marks {
  readonly selected: SceneFeature | undefined;
  readonly hovered: SceneFeature | undefined;
  /** The newest point of the trail that lies behind the selected vehicle. */
  readonly trailEnd: LngLat | undefined;
}

/** Halo, accuracy and the moving end of the trail around the selected vehicle, and the ring around the hovered one. */
export function markFeatures({ selected, hovered, trailEnd }: Marks): Feature[] {
  const features: Feature[] = [];
  if (hovered !== undefined && hovered.id !== selected?.id) features.push(point(hovered, 'hover'));
  if (selected === undefined) return features;
  const at: LngLat = [selected.lng, selected.lat];
  features.push(point(selected, 'halo'));
  const { accuracy } = selected.vehicle;
  if (accuracy !== null && accuracy > 0) {
    features.push({
      type: 'Feature', properties: { kind: 'accuracy' },
      geometry: { type: 'Polygon', coordinates: [circleRing(at, accuracy).map(([lng, lat]) => [lng, lat])] },
    });
  }
  if (trailEnd !== undefined) {
    features.push({
      type: 'Feature', properties: { kind: 'trail' },
      geometry: { type: 'LineString', coordinates: [[...trailEnd], [...at]] },
    });
  }
  return features;
}

function point({ lng, lat }: SceneFeature, kind: string): Feature<GeoJSON.Point> {
  return { type: 'Feature', properties: { kind }, geometry: { type: 'Point', coordinates: [lng, lat] } };
}

export function lineFeatures(lines: readonly (readonly LngLat[])[]): Feature<GeoJSON.LineString>[] {
  return lines.map((line) => ({
    type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: line.map(([lng, lat]) => [lng, lat]) },
  }));
}

export function collection(features: readonly Feature[]): GeoJSON.FeatureCollection {
  return { type: 'FeatureCollection', features: [...features] };
}
