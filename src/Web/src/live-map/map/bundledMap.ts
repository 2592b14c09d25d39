import type * as GeoJSON from 'geojson';
import type { GeoJSONSource, Map as MapLibreMap, MapSourceDataEvent } from 'maplibre-gl';
import { detailOf, detailSources, detailZoom, sketchId, type BaseMapFiles, type DetailSource } from './baseMap';
import bordersCoarse from './basemap/borders-50m.json?url';
import bordersFine from './basemap/borders-10m.json?url';
import landCoarse from './basemap/land-50m.json?url';
import landFine from './basemap/land-10m.json?url';
import landSketch from './basemap/land-110m.json?raw';
import placesFine from './basemap/places-detail.json?url';
import placesCoarse from './basemap/places.json?url';

export const bundledFiles: BaseMapFiles = { sketch: JSON.parse(landSketch) as GeoJSON.GeoJSON, land: landCoarse, borders: bordersCoarse, places: placesCoarse };

export const attribution =
  '<a href="https://www.naturalearthdata.com/" target="_blank" rel="noreferrer">Natural Earth</a> · '
  + '<a href="https://www.geonames.org/" target="_blank" rel="noreferrer">GeoNames</a> '
  + '(<a href="https://creativecommons.org/licenses/by/4.0/" target="_blank" rel="noreferrer">CC BY 4.0</a>)';

const fine: Readonly<Record<DetailSource, string>> = { land: landFine, borders: bordersFine, places: placesFine };
const loaded = new WeakSet<MapLibreMap>();

/** The sketch goes when the real coast is there, since it lies on water here and there. */
export function dropSketch(map: MapLibreMap): void {
  whenDrawn(map, 'land', () => map.getLayer(sketchId) !== undefined && map.removeLayer(sketchId));
}

/** Fetches the fine data once. The coarse land and borders go where the fine ones are shown; the fine places come in addition. */
export function loadDetail(map: MapLibreMap): void {
  if (loaded.has(map)) return;
  loaded.add(map);
  for (const name of detailSources) {
    const source = map.getSource<GeoJSONSource>(detailOf(name));
    if (source === undefined) continue;
    if (name !== 'places') whenDrawn(map, detailOf(name), () => showFrom(map, name));
    source.setData(fine[name]).catch(() => loaded.delete(map));
  }
}

/** The coarse data leaves only when the tiles of the fine one are there, or the land would be gone meanwhile. */
function whenDrawn(map: MapLibreMap, sourceId: string, act: () => void): void {
  const onData = (event: MapSourceDataEvent) => {
    if (event.sourceId !== sourceId || event.tile === undefined || !map.isSourceLoaded(sourceId)) return;
    map.off('sourcedata', onData);
    act();
  };
  // The empty data from before also counts as loaded, so only what comes from here on is heard.
  map.on('sourcedata', onData);
}

function showFrom(map: MapLibreMap, name: DetailSource): void {
  for (const suffix of ['', '-coast']) {
    if (map.getLayer(name + suffix) !== undefined) map.setLayerZoomRange(name + suffix, 0, detailZoom);
    const detail = detailOf(name) + suffix;
    if (map.getLayer(detail) !== undefined) map.setLayerZoomRange(detail, detailZoom, 24);
  }
}
