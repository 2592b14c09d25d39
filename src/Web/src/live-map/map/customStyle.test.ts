import { describe, expect, it } from 'vitest';
import type { StyleSpecification } from 'maplibre-gl';
import { isRasterTemplate, mergeStyles, rasterStyle } from './customStyle';

const bundled: StyleSpecification = {
  version: 8,
  sources: { land: { type: 'geojson', data: { type: 'FeatureCollection', features: [] } } },
  layers: [
    { id: 'water', type: 'background' },
    { id: 'land', type: 'fill', source: 'land' },
    { id: 'places', type: 'symbol', source: 'land' },
  ],
};
const custom = {
  version: 8,
  glyphs: 'https://fonts.example/{fontstack}/{range}.pbf',
  sprite: 'https://tiles.example/sprite',
  sources: { land: { type: 'vector', url: 'https://tiles.example' } },
  layers: [{ id: 'back', type: 'background' }, { id: 'land', type: 'fill', source: 'land', 'source-layer': 'land' }],
};

it.each([
  ['https://t.example/{z}/{x}/{y}.png', true], ['https://t.example/style.json', false], ['https://t.example/{z}', false],
])('%s is a raster template: %s', (url, expected) => expect(isRasterTemplate(url)).toBe(expected));

describe('mergeStyles', () => {
  const merged = mergeStyles(bundled, custom);
  it('keeps the bundled map below, without its labels', () =>
    expect(merged.layers.map((layer) => layer.id)).toEqual(['water', 'land', 'custom:land']));
  it('keeps equal names apart', () => {
    expect(Object.keys(merged.sources)).toEqual(['land', 'custom:land']);
    expect(merged.layers.at(-1)).toMatchObject({ source: 'custom:land', 'source-layer': 'land' });
  });
  it('draws labels without a font server', () => expect(merged.glyphs).toBeUndefined());
  it('takes the icons', () => expect(merged.sprite).toBe('https://tiles.example/sprite'));
  it('takes raster tiles', () =>
    expect(mergeStyles(bundled, rasterStyle('https://t.example/{z}/{x}/{y}.png')).layers.at(-1)).toMatchObject({ id: 'custom:tiles' }));
  it.each([[null], ['x'], [{}], [{ version: 7 }], [{ version: 8, sources: {}, layers: {} }]])('refuses %j', (value) =>
    expect(() => mergeStyles(bundled, value)).toThrow());
});
