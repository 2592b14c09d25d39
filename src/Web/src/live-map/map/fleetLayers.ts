import type { LayerSpecification, SourceSpecification } from 'maplibre-gl';
import { statuses } from '../../vehicles/vehicle';
import { emptyData, mapFont } from './baseMap';
import type { Palette } from './palette';

const empty = { type: 'geojson' as const, data: emptyData };

export const fleetSources = (): Record<string, SourceSpecification> => ({
  vehicles: { ...empty, promoteId: 'id', buffer: 64 },
  marks: { ...empty },
  trail: { ...empty, tolerance: 0.5 },
  clusters: { ...empty },
});

export const labelZoom = 10;

export function fleetLayers(palette: Palette): LayerSpecification[] {
  const labels = { 'text-color': palette.label, 'text-halo-color': palette.labelHalo, 'text-halo-width': 1.6 };
  return [
    {
      id: 'accuracy', type: 'fill', source: 'marks', filter: ['==', ['get', 'kind'], 'accuracy'],
      paint: { 'fill-color': palette.accent, 'fill-opacity': 0.12, 'fill-outline-color': palette.accent },
    },
    ...(['trail', 'marks'] as const).map((source): LayerSpecification => ({
      id: `${source}-line`, type: 'line', source, filter: ['==', ['geometry-type'], 'LineString'],
      layout: { 'line-join': 'round', 'line-cap': 'round' },
      paint: { 'line-color': palette.accent, 'line-width': 3, 'line-opacity': 0.7 },
    })),
    {
      id: 'marks-ring', type: 'circle', source: 'marks', filter: ['==', ['geometry-type'], 'Point'],
      paint: {
        'circle-radius': ['match', ['get', 'kind'], 'halo', 20, 17],
        'circle-color': palette.accent,
        'circle-opacity': ['match', ['get', 'kind'], 'halo', 0.22, 0.08],
        'circle-stroke-color': palette.accent,
        'circle-stroke-width': ['match', ['get', 'kind'], 'halo', 2, 1.5],
      },
    },
    {
      id: 'clusters', type: 'circle', source: 'clusters',
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['ln', ['max', 1, ['get', 'count']]], 0.7, 14, 9, 32],
        'circle-color': palette.onStatus,
        'circle-stroke-width': 4,
        'circle-stroke-color': ['match', ['get', 'worst'], ...statuses.flatMap((s) => [s, palette.status[s]]), palette.status.unknown] as never,
      },
    },
    {
      id: 'cluster-counts', type: 'symbol', source: 'clusters',
      layout: { 'text-field': ['get', 'text'], 'text-font': [mapFont], 'text-size': 13, 'text-allow-overlap': true, 'text-ignore-placement': true },
      paint: { 'text-color': palette.label },
    },
    {
      id: 'vehicles', type: 'symbol', source: 'vehicles',
      layout: {
        'icon-image': ['get', 'icon'],
        'icon-rotate': ['get', 'heading'],
        'icon-rotation-alignment': 'map',
        'icon-allow-overlap': true,
        'icon-ignore-placement': true,
        'icon-size': ['interpolate', ['linear'], ['zoom'], 3, 0.6, 9, 0.85, 13, 1.1],
        'symbol-sort-key': ['get', 'order'],
      },
      paint: { 'icon-opacity': ['get', 'opacity'] },
    },
    {
      id: 'vehicle-labels', type: 'symbol', source: 'vehicles', minzoom: labelZoom,
      filter: ['!', ['get', 'selected']],
      layout: labelLayout(12),
      paint: { ...labels, 'text-opacity': ['get', 'opacity'] },
    },
    {
      id: 'selected-label', type: 'symbol', source: 'vehicles', filter: ['get', 'selected'],
      layout: { ...labelLayout(13), 'text-allow-overlap': true },
      paint: labels,
    },
  ];
}

function labelLayout(size: number) {
  return {
    'text-field': ['get', 'name'] as never,
    'text-font': [mapFont],
    'text-size': size,
    'text-variable-anchor': ['top', 'bottom', 'left', 'right'] as ('top' | 'bottom' | 'left' | 'right')[],
    'text-radial-offset': 1.3,
    'text-padding': 3,
    'symbol-sort-key': ['get', 'order'] as never,
  };
}
