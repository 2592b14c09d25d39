import { describe, expect, it } from 'vitest';
import { bearingDegrees, circleRing, distanceMeters, nearestTurn, turnDegrees } from './geodesy';

it.each([
  [[0, 0], [0, 0], 0], [[0, 0], [1, 0], 111_195], [[19.04, 47.5], [16.37, 48.21], 214_500], [[179.5, 0], [-179.5, 0], 111_195],
] as const)('from %j to %j are %d m', (a, b, meters) => {
  expect(Math.abs(distanceMeters(a, b) - meters)).toBeLessThanOrEqual(meters * 0.005);
});

it.each([
  [[0, 0], [0, 1], 0], [[0, 0], [1, 0], 90], [[0, 0], [0, -1], 180], [[0, 0], [-1, 0], 270], [[179.5, 0], [-179.5, 0], 90],
] as const)('from %j to %j is %d degrees', (a, b, bearing) => expect(bearingDegrees(a, b)).toBeCloseTo(bearing, 6));

it.each([[0, 90, 90], [350, 10, 20], [10, 350, -20], [0, 180, -180], [90, 90, 0], [270, 90, -180]])('a turn from %d to %d is %d', (a, b, turn) =>
  expect(turnDegrees(a, b)).toBe(turn));

it('continues a line over the antimeridian', () => {
  expect(nearestTurn(-179, 179)).toBe(181);
  expect(nearestTurn(179, -179)).toBe(-181);
  expect(nearestTurn(10, 12)).toBe(10);
});

describe('circleRing', () => {
  const ring = circleRing([19, 47.5], 100);
  it('is closed', () => expect(ring.at(-1)).toEqual(ring[0]));
  it('keeps its distance', () => {
    for (const point of ring) expect(distanceMeters([19, 47.5], point)).toBeCloseTo(100, 0);
  });
});
