import { describe, expect, it } from 'vitest';
import { boundsOf, hasRoomFor, mostOf, needsWatch, toViewport, wrapLongitude } from './viewport';

const city = { west: 19, south: 47, east: 20, north: 48 };

it.each([[0, 0], [180, -180], [-180, -180], [190, -170], [-190, 170], [540, -180], [-725, -5]])('longitude %d is %d', (lng, wrapped) =>
  expect(wrapLongitude(lng)).toBe(wrapped));

describe('toViewport', () => {
  it('asks for a fifth more on each side', () => {
    const viewport = toViewport(city, 10);
    expect(viewport.west).toBeCloseTo(18.8);
    expect(viewport.east).toBeCloseTo(20.2);
    expect(viewport.south).toBeCloseTo(46.8);
    expect(viewport.north).toBeCloseTo(48.2);
  });
  it('turns west above east at the antimeridian', () => {
    const viewport = toViewport({ west: 175, south: -20, east: 185, north: -10 }, 6);
    expect(viewport.west).toBeCloseTo(173);
    expect(viewport.east).toBeCloseTo(-173);
  });
  it.each([[-180, 180], [-400, 400], [-140, 140]])('asks for the whole world from %d to %d', (west, east) =>
    expect(toViewport({ west, south: -80, east, north: 80 }, 1)).toMatchObject({ west: -180, east: 180 }));
  it('stays between the poles', () =>
    expect(toViewport({ west: 0, south: -85, east: 1, north: 85 }, 1)).toMatchObject({ south: -90, north: 90 }));
});

describe('needsWatch', () => {
  const watched = toViewport(city, 10);
  it('is needed at first', () => expect(needsWatch(null, city, 10)).toBe(true));
  it.each([
    ['the same', city, 10, false],
    ['a small move', { west: 19.1, south: 47.1, east: 20.1, north: 48.1 }, 10, false],
    ['a move out to the east', { west: 19.3, south: 47, east: 20.3, north: 48 }, 10, true],
    ['a move out to the west', { west: 18.7, south: 47, east: 19.7, north: 48 }, 10, true],
    ['a move out to the north', { west: 19, south: 47.3, east: 20, north: 48.3 }, 10, true],
    ['a move out to the south', { west: 19, south: 46.7, east: 20, north: 47.7 }, 10, true],
    ['a little zoom', { west: 19.1, south: 47.1, east: 19.9, north: 47.9 }, 10.3, false],
    ['a zoom', { west: 19.4, south: 47.4, east: 19.6, north: 47.6 }, 11, true],
  ])('%s', (_name, view, zoom, needed) => expect(needsWatch(watched, view, zoom)).toBe(needed));

  it('knows the same place in another turn of the world', () =>
    expect(needsWatch(watched, { ...city, west: city.west + 360, east: city.east + 360 }, 10)).toBe(false));
  it('works across the antimeridian', () => {
    const across = toViewport({ west: 175, south: -20, east: 185, north: -10 }, 6);
    expect(needsWatch(across, { west: -184, south: -19, east: -174, north: -11 }, 6)).toBe(false);
    expect(needsWatch(across, { west: -175, south: -19, east: -165, north: -11 }, 6)).toBe(true);
  });
  it('never leaves the world', () => {
    const world = toViewport({ west: -180, south: -80, east: 180, north: 80 }, 1);
    expect(needsWatch(world, { west: -300, south: -60, east: 60, north: 60 }, 1)).toBe(false);
  });
});

describe('boundsOf', () => {
  const at = (lat: number, lon: number) => ({ lat, lon });
  it('has none without points', () => expect(boundsOf([])).toBeNull());
  it('is the point itself', () => expect(boundsOf([at(1, 2)])).toEqual({ west: 2, east: 2, south: 1, north: 1 }));
  it('holds all points', () =>
    expect(boundsOf([at(1, 2), at(-3, 40), at(5, -6)])).toEqual({ west: -6, east: 40, south: -3, north: 5 }));
  it('crosses the antimeridian when that is shorter', () =>
    expect(boundsOf([at(0, 170), at(0, -170)])).toEqual({ west: 170, east: 190, south: 0, north: 0 }));
});

it.each([
  [city, city, true],
  [{ ...city, east: 20.1 }, city, true],
  [city, { ...city, east: 20.1 }, false],
  [city, { ...city, south: 46 }, false],
  [city, { ...city, west: 379, east: 380 }, true],
])('that %j has room for %j is %s', (outer, inner, held) => expect(hasRoomFor(outer, inner)).toBe(held));

it('most of a fleet leaves out those far away from the middle', () => {
  const near = Array.from({ length: 8 }, (_, i) => ({ lat: i / 10, lon: i / 10 }));
  expect(mostOf([{ lat: 60, lon: 25 }, ...near, { lat: -25, lon: -49 }]).every((point) => near.includes(point))).toBe(true);
  expect(mostOf([])).toEqual([]);
});
