import type { LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl';
import type { Palette } from './palette';

/** Where the bundled data is served; the files have a hash in their name. */
export interface BaseMapFiles {
  readonly land: string;
  readonly borders: string;
  readonly places: string;
}

export const emptyData = { type: 'FeatureCollection' as const, features: [] };
export const mapFont = 'Inter Variable';

/** From here on the coarse coast is visibly wrong, and the fine one is loaded. */
export const detailZoom = 5.5;
export const detailSources = ['land', 'borders', 'places'] as const;
export type DetailSource = (typeof detailSources)[number];
export const detailOf = (source: DetailSource) => `${source}-detail`;

const geojson = (data: string | typeof emptyData) => ({ type: 'geojson' as const, data, tolerance: 0.3, buffer: 16 });

/**
 * The map without internet: land, borders and places. Without `glyphs` the labels are drawn from the page's own font. The sources of the
 * fleet stand between those of the map, since the workers take turns in their order: see `workerCount`.
 */
export function baseStyle(files: BaseMapFiles, fleet: Readonly<Record<string, SourceSpecification>>, palette: Palette): StyleSpecification {
  const base: Record<string, SourceSpecification> = {
    land: geojson(files.land),
    'land-detail': geojson(emptyData),
    'borders-detail': geojson(emptyData),
    'places-detail': geojson(emptyData),
    borders: geojson(files.borders),
    places: geojson(files.places),
  };
  return { version: 8, sources: alternate(base, fleet), layers: baseLayers(palette) };
}

/** One worker chews on coasts for a while; the vehicles have another and move on. */
export const workerCount = 2;

/** The entries of both in turn, beginning with the first, the rest of the longer one at the end. */
export function alternate<T>(first: Readonly<Record<string, T>>, second: Readonly<Record<string, T>>): Record<string, T> {
  const [a, b] = [Object.entries(first), Object.entries(second)];
  const longer = Math.max(a.length, b.length);
  return Object.fromEntries(Array.from({ length: longer }, (_, i) => [a[i], b[i]]).flat().filter((entry) => entry !== undefined));
}

export function baseLayers(palette: Palette): LayerSpecification[] {
  return [
    { id: 'water', type: 'background', paint: { 'background-color': palette.water } },
    ...(['land', 'land-detail'] as const).flatMap((source) => landLayers(source, palette)),
    ...(['borders', 'borders-detail'] as const).map((source): LayerSpecification => ({
      id: source, type: 'line', source,
      layout: { 'line-join': 'round' },
      paint: { 'line-color': palette.border, 'line-width': ['interpolate', ['linear'], ['zoom'], 2, 0.5, 8, 1.4], 'line-dasharray': [4, 2] },
    })),
    ...(['places-detail', 'places'] as const).map((source) => placeLayer(source, palette)),
  ];
}

function landLayers(source: 'land' | 'land-detail', palette: Palette): LayerSpecification[] {
  return [
    { id: source, type: 'fill', source, paint: { 'fill-color': palette.land, 'fill-antialias': false } },
    { id: `${source}-coast`, type: 'line', source, paint: { 'line-color': palette.coast, 'line-width': 0.8 } },
  ];
}

function placeLayer(source: string, palette: Palette): LayerSpecification {
  const greatness: ['case', ...unknown[]] = ['case', ['<=', ['get', 'zoom'], 3], 13, ['<=', ['get', 'zoom'], 5], 12, 11];
  return {
    id: source, type: 'symbol', source,
    filter: ['<=', ['get', 'zoom'], ['+', ['zoom'], 1]],
    layout: {
      'text-field': ['get', 'name'],
      'text-font': [mapFont],
      'text-size': greatness as never,
      'text-max-width': 8,
      'text-padding': 6,
      'symbol-sort-key': ['get', 'rank'],
    },
    paint: { 'text-color': palette.place, 'text-halo-color': palette.placeHalo, 'text-halo-width': 1.2 },
  };
}
