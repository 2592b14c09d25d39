import { describe, expect, it } from 'vitest';
import { applyClusters, applyDelta, applySnapshot, disown, emptyPicture } from './picture';
import { noon, vehicle } from './testVehicles';

const first = applySnapshot({ version: 5, vehicles: [vehicle('a'), vehicle('b')], clusters: null, total: 2 });
const cluster = { lat: 1, lon: 2, count: 40, worst: 'offline' } as const;

describe('a snapshot', () => {
  it('replaces everything', () =>
    expect([...applySnapshot({ version: 1, vehicles: [vehicle('c')], clusters: null, total: 1 }).vehicles.keys()]).toEqual(['c']));
});

describe('a delta', () => {
  it('moves, adds and removes', () => {
    const next = applyDelta(first, {
      since: 5, version: 6, upserts: [vehicle('a', { fixedAt: noon + 1_000 }), vehicle('c')], removals: ['b'],
    });
    expect(next?.version).toBe(6);
    expect([...(next?.vehicles.keys() ?? [])]).toEqual(['a', 'c']);
    expect(next?.vehicles.get('a')?.fixedAt).toBe(noon + 1_000);
  });
  it('leaves the picture before it alone', () => {
    applyDelta(first, { since: 5, version: 6, upserts: [], removals: ['a'] });
    expect(first.vehicles.has('a')).toBe(true);
  });
  it('keeps a vehicle that it both removes and brings', () =>
    expect(applyDelta(first, { since: 5, version: 6, upserts: [vehicle('a')], removals: ['a'] })?.vehicles.has('a')).toBe(true));
  it.each([[4], [6], [0]])('since version %d does not continue version 5', (since) =>
    expect(applyDelta(first, { since, version: 9, upserts: [], removals: [] })).toBeNull());
  it('never continues a picture without a snapshot', () =>
    expect(applyDelta(emptyPicture, { since: 0, version: 1, upserts: [vehicle('a')], removals: [] })).toBeNull());
  it('does not continue across a lost connection', () =>
    expect(applyDelta(disown(first), { since: 5, version: 6, upserts: [], removals: [] })).toBeNull());
});

describe('clusters', () => {
  it('take the place of the vehicles', () => {
    const clustered = applyClusters(first, { version: 7, clusters: [cluster] });
    expect(clustered).toMatchObject({ version: 7, clusters: [cluster], total: 40 });
    expect(clustered.vehicles.size).toBe(0);
  });
  it('leave a followed vehicle in place', () => {
    const clustered = applyClusters(first, { version: 7, clusters: [cluster] });
    const followed = applyDelta(clustered, { since: 7, version: 8, upserts: [vehicle('a')], removals: [] }) ?? emptyPicture;
    expect([...applyClusters(followed, { version: 9, clusters: [cluster] }).vehicles.keys()]).toEqual(['a']);
  });
});

it('a lost connection keeps what is drawn', () => expect(disown(first).vehicles.size).toBe(2));
