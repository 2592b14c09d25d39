import { expect, it } from 'vitest';
import { alternate, baseStyle, emptyData } from './baseMap';
import { fleetSources } from './fleetLayers';
import type { Palette } from './palette';

it.each([
  [{ a: 1, b: 2 }, { x: 3, y: 4 }, ['a', 'x', 'b', 'y']],
  [{ a: 1, b: 2, c: 3 }, { x: 4 }, ['a', 'x', 'b', 'c']],
  [{ a: 1 }, { x: 2, y: 3 }, ['a', 'x', 'y']],
  [{}, {}, []],
])('%j and %j alternate as %j', (first, second, order) => expect(Object.keys(alternate<number>(first, second))).toEqual(order));

it('gives the vehicles another worker than the coasts', () => {
  const files = { sketch: emptyData, land: 'land.json', borders: 'borders.json', places: 'places.json' };
  const order = Object.keys(baseStyle(files, fleetSources(), { status: {} } as Palette).sources);
  const workerOf = (source: string) => order.indexOf(source) % 2;
  for (const fleet of Object.keys(fleetSources())) {
    for (const heavy of ['land-sketch', 'land', 'land-detail', 'borders-detail', 'places-detail']) expect(workerOf(fleet)).not.toBe(workerOf(heavy));
  }
});
