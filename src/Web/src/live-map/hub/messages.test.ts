import { describe, expect, it, vi } from 'vitest';
import { noon } from '../testVehicles';
import { readClusters, readDelta, readFreshness, readSnapshot } from './messages';

const live = {
  vehicleId: 'v1', name: 'Van 1', status: 'moving', fixedAt: '2026-03-01T12:00:00Z', receivedAt: '2026-03-01T12:00:00.2Z',
  lat: 47.5, lon: 19.04, speed: 10, heading: 90, accuracy: 5,
};
const parsed = { ...live, fixedAt: noon, receivedAt: noon + 200 };
const snapshot = (vehicle: object) => ({ version: 1, vehicles: [vehicle], clusters: null, total: 1 });

describe('readSnapshot', () => {
  it('reads JSON', () => expect(readSnapshot(snapshot(live))).toEqual({ version: 1, vehicles: [parsed], clusters: null, total: 1 }));

  it('reads MessagePack times', () =>
    expect(readSnapshot(snapshot({ ...live, fixedAt: new Date(noon), receivedAt: [new Date(noon + 200), 0] })).vehicles).toEqual([parsed]));

  it('keeps what is not known as null', () => {
    const sparse = readSnapshot(snapshot({ ...live, speed: null, heading: undefined, accuracy: null })).vehicles[0];
    expect(sparse).toMatchObject({ speed: null, heading: null, accuracy: null });
  });

  it('reads a state of a newer server as unknown', () =>
    expect(readSnapshot(snapshot({ ...live, status: 'towed' })).vehicles[0]?.status).toBe('unknown'));

  it.each([
    ['no id', { vehicleId: 7 }], ['a latitude that is not one', { lat: 91 }], ['no longitude', { lon: null }], ['no time', { fixedAt: 'soon' }],
  ])('leaves out a vehicle with %s and says so', (_name, fault) => {
    const said = vi.spyOn(console, 'error').mockReturnValue();
    const read = readSnapshot({ version: 1, vehicles: [{ ...live, ...fault }, live], clusters: null, total: 2 });
    expect(read.vehicles).toEqual([parsed]);
    expect(said).toHaveBeenCalledOnce();
  });

  it.each([[null], ['x'], [{}], [{ version: '1', vehicles: [], clusters: null, total: 0 }], [{ version: 1, vehicles: {}, total: 0 }]])(
    'refuses %j', (value) => expect(() => readSnapshot(value)).toThrow());
});

describe('readDelta', () => {
  it('reads what changed', () =>
    expect(readDelta({ since: 1, version: 2, upserts: [live], removals: ['v2'] })).toEqual({
      since: 1, version: 2, upserts: [parsed], removals: ['v2'],
    }));
  it.each([[{ version: 2, upserts: [], removals: [] }], [{ since: 1, version: 2, upserts: [], removals: [2] }]])('refuses %j', (value) =>
    expect(() => readDelta(value)).toThrow());
});

it('reads clusters', () =>
  expect(readClusters({ version: 3, clusters: [{ lat: 1, lon: 2, count: 12, worst: 'offline' }] })).toEqual({
    version: 3, clusters: [{ lat: 1, lon: 2, count: 12, worst: 'offline' }],
  }));

describe('readFreshness', () => {
  it('reads a calm server', () =>
    expect(readFreshness({ newestCommitAt: null, serverAt: '2026-03-01T12:00:00Z', stalled: false })).toEqual({
      newestCommitAt: null, serverAt: noon, stalled: false, reason: null,
    }));
  it('reads why it is stalled', () =>
    expect(readFreshness({ newestCommitAt: '2026-03-01T12:00:00Z', serverAt: '2026-03-01T12:00:00Z', stalled: true, reason: 'low disk' }).reason)
      .toBe('low disk'));
  it('refuses one without a verdict', () => expect(() => readFreshness({ serverAt: '2026-03-01T12:00:00Z' })).toThrow('stalled'));
});
