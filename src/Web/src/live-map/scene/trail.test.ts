import { describe, expect, it } from 'vitest';
import { mergeTrail, Trail, trailGapMs, trailLines } from './trail';

const at = (time: number, lon = 19, lat = 47) => ({ at: time, lon, lat });

describe('mergeTrail', () => {
  it('orders by time', () => expect(mergeTrail([at(3), at(1)], [at(2)]).map((point) => point.at)).toEqual([1, 2, 3]));
  it('takes each time once, the live one', () => expect(mergeTrail([at(1, 19)], [at(1, 20)])).toEqual([at(1, 20)]));
  it('is empty from nothing', () => expect(mergeTrail([], [])).toEqual([]));
});

describe('Trail', () => {
  const times = (trail: Trail) => trail.points.map((point) => point.at);
  it('keeps its span and no more, however long it grows', () => {
    const trail = new Trail(100);
    for (let time = 0; time < 10_000; time++) trail.add(at(time));
    expect(times(trail)).toEqual(Array.from({ length: 101 }, (_, i) => 9_899 + i));
  });
  it('puts history and a late fix where they belong, and what came live wins', () => {
    const trail = new Trail(100);
    trail.add(at(50, 20));
    trail.fill([at(10), at(50, 19), at(30)]);
    trail.add(at(40));
    trail.add(at(60));
    expect(times(trail)).toEqual([10, 30, 40, 50, 60]);
    expect(trail.points[3]).toEqual(at(50, 20));
  });
  it('cuts history that is older than its span', () => {
    const trail = new Trail(100);
    trail.add(at(1_000));
    trail.fill([at(1), at(899), at(900)]);
    expect(times(trail)).toEqual([900, 1_000]);
  });
});

describe('trailLines', () => {
  it('draws nothing from one point', () => expect(trailLines([at(1)])).toEqual([]));
  it('is one line while it reports', () => expect(trailLines([at(0, 19), at(trailGapMs, 20)])).toEqual([[[19, 47], [20, 47]]]));
  it('is cut at a silence', () =>
    expect(trailLines([at(0), at(1_000), at(trailGapMs + 1_001), at(trailGapMs + 2_000)])).toHaveLength(2));
  it('leaves a lonely point between two silences out', () =>
    expect(trailLines([at(0), at(1_000), at(trailGapMs + 2_000), at(2 * trailGapMs + 3_000)])).toHaveLength(1));
  it('continues over the antimeridian', () => expect(trailLines([at(0, 179), at(1, -179)])).toEqual([[[179, 47], [181, 47]]]));
});
