import { expect, it } from 'vitest';
import { nextHeight, restOf, sheetStops } from './sheet';

const stops = sheetStops(800, 92);

it('has three heights', () => expect(stops).toEqual({ peek: 92, half: 400, full: 752 }));

it.each([
  [92, 0, 'peek'], [200, 0, 'peek'], [260, 0, 'half'], [560, 0, 'half'], [600, 0, 'full'], [760, 0, 'full'],
  [100, 1, 'half'], [420, 1, 'full'], [790, 1, 'full'], [700, -1, 'half'], [380, -1, 'peek'], [50, -1, 'peek'],
  [260, 0.4, 'half'], [260, -0.4, 'half'],
])('at %d px and %d px/ms it rests at %s', (height, velocity, rest) => expect(restOf(height, velocity, stops)).toBe(rest));

it.each([['peek', 'half'], ['half', 'full'], ['full', 'peek']] as const)('after %s comes %s', (height, next) =>
  expect(nextHeight(height)).toBe(next));
