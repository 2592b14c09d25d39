import type { StyleSpecification } from 'maplibre-gl';
import { readArray, readObject, ShapeError } from '../../shared/parse/read';

const prefix = 'custom:';

/** A tile template is a raster map; anything else is the address of a style. */
export function isRasterTemplate(url: string): boolean {
  return url.includes('{z}') && url.includes('{x}') && url.includes('{y}');
}

export function rasterStyle(template: string): StyleSpecification {
  return {
    version: 8,
    sources: { tiles: { type: 'raster', tiles: [template], tileSize: 256 } },
    layers: [{ id: 'tiles', type: 'raster', source: 'tiles' }],
  };
}

/**
 * The configured style on top of the bundled one. Its background is left out, so that the bundled map shows where tiles are missing, and so
 * are its glyphs: labels are drawn from the page's font in any case, and need no font server.
 */
export function mergeStyles(bundled: StyleSpecification, value: unknown): StyleSpecification {
  const custom = readObject(value, 'map style');
  if (custom['version'] !== 8) throw new ShapeError('map style is not of version 8');
  const sources = readObject(custom['sources'], 'map style sources');
  const layers = readArray(custom['layers'], 'map style layers', readObject).filter((layer) => layer['type'] !== 'background');
  const merged = {
    ...bundled,
    ...(custom['sprite'] === undefined ? {} : { sprite: custom['sprite'] }),
    sources: {
      ...bundled.sources,
      ...Object.fromEntries(Object.entries(sources).map(([id, source]) => [prefix + id, source])),
    },
    layers: [
      ...bundled.layers.filter((layer) => layer.type !== 'symbol'),
      ...layers.map((layer) => ({
        ...layer,
        id: prefix + String(layer['id']),
        ...(typeof layer['source'] === 'string' ? { source: prefix + layer['source'] } : {}),
      })),
    ],
  };
  return merged as StyleSpecification;
}

/** The style to draw with, or null when the configured one cannot be had: the bundled map then stays alone. */
export async function loadCustomStyle(bundled: StyleSpecification, url: string): Promise<StyleSpecification | null> {
  if (isRasterTemplate(url)) return mergeStyles(bundled, rasterStyle(url));
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return mergeStyles(bundled, await response.json());
  } catch (error) {
    console.warn('The configured map style cannot be used.', error);
    return null;
  }
}
