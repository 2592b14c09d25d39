import type * as GeoJSON from 'geojson';
import type { ExpressionFilterSpecification, LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl';
import type { Palette } from './palette';

/** Where the bundled data is served; the files have a hash in their name. */
export interface BaseMapFiles {
  /** Land in a few strokes, which comes with the page and is there at the first paint. */
  readonly sketch: GeoJSON.GeoJSON;
  readonly land: string;
  readonly borders: string;
  readonly places: string;
}

export const emptyData = { type: 'FeatureCollection' as const, features: [] };
export const sketchId = 'land-sketch';
export const mapFont = 'Inter Variable';

/** From here on the coarse coast is visibly wrong, and the fine one is loaded. */
export const detailZoom = 5.5;
const majorZoom = 5;
export const detailSources = ['land', 'borders', 'places'] as const;
export type DetailSource = (typeof detailSources)[number];
export const detailOf = (source: DetailSource) => `${source}-detail`;

const geojson = (data: string | GeoJSON.GeoJSON) => ({ type: 'geojson' as const, data, tolerance: 0.3, buffer: 16 });

/**
 * The map without internet: land, borders and places. Without `glyphs` the labels are drawn from the page's own font. The sources of the
 * fleet stand between those of the map, since the workers take turns in their order: see `workerCount`.
 */
export function baseStyle(files: BaseMapFiles, fleet: Readonly<Record<string, SourceSpecification>>, palette: Palette): StyleSpecification {
  const base: Record<string, SourceSpecification> = {
    [sketchId]: geojson(files.sketch),
    land: geojson(files.land),
    'land-detail': geojson(emptyData),
    'borders-detail': geojson(emptyData),
    borders: geojson(files.borders),
    places: geojson(files.places),
    'places-detail': geojson(emptyData),
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
    { id: sketchId, type: 'fill', source: sketchId, paint: { 'fill-color': palette.land, 'fill-antialias': false } },
    ...(['land', 'land-detail'] as const).flatMap((source) => landLayers(source, palette)),
    ...(['borders', 'borders-detail'] as const).map((source): LayerSpecification => ({
      id: source, type: 'line', source,
      layout: { 'line-join': 'round' },
      paint: { 'line-color': palette.border, 'line-width': ['interpolate', ['linear'], ['zoom'], 2, 0.5, 8, 1.4], 'line-dasharray': [4, 2] },
    })),
    placeLayer('places-detail', 'places-detail', ['>', ['get', 'zoom'], majorZoom], palette),
    placeLayer('places', 'places', ['>', ['get', 'zoom'], majorZoom], palette),
    // The great cities tell where one is, and stay when vehicles crowd there.
    placeLayer('places-major', 'places', ['<=', ['get', 'zoom'], majorZoom], palette),
  ];
}

function landLayers(source: 'land' | 'land-detail', palette: Palette): LayerSpecification[] {
  return [
    { id: source, type: 'fill', source, paint: { 'fill-color': palette.land, 'fill-antialias': false } },
    { id: `${source}-coast`, type: 'line', source, paint: { 'line-color': palette.coast, 'line-width': 0.8 } },
  ];
}

function placeLayer(id: string, source: string, which: ExpressionFilterSpecification, palette: Palette): LayerSpecification {
  const isMajor = id === 'places-major';
  return {
    id, type: 'symbol', source,
    // Ranks keep their distance at their own zoom; the lesser ones may come a zoom early, since they give way to each other.
    filter: ['all', which, ['<=', ['get', 'zoom'], ['+', ['zoom'], isMajor ? 0 : 1]]],
    layout: {
      'text-field': ['get', 'name'],
      'text-font': [mapFont],
      'text-size': isMajor ? 13 : 11,
      'text-max-width': 8,
      'text-padding': 6,
      'text-allow-overlap': isMajor,
      'symbol-sort-key': ['get', 'rank'],
    },
    paint: { 'text-color': palette.place, 'text-halo-color': palette.placeHalo, 'text-halo-width': 1.2 },
  };
}
