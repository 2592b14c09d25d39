import { describe, expect, it } from 'vitest';
import { mergeTrail, trailGapMs, trailLines } from './trail';

const at = (time: number, lon = 19, lat = 47) => ({ at: time, lon, lat });

describe('mergeTrail', () => {
  it('orders by time', () => expect(mergeTrail([at(3), at(1)], [at(2)]).map((point) => point.at)).toEqual([1, 2, 3]));
  it('takes each time once, the live one', () => expect(mergeTrail([at(1, 19)], [at(1, 20)])).toEqual([at(1, 20)]));
  it('is empty from nothing', () => expect(mergeTrail([], [])).toEqual([]));
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
