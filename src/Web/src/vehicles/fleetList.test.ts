import { describe, expect, it } from 'vitest';
import { noon, vehicle } from '../live-map/testVehicles';
import type { Position, Vehicle } from '../shared/api/client';
import { matches, mergeFleet, neighbor } from './fleetList';

const at = (ms: number) => new Date(ms).toISOString();
const position = (change: Partial<Position> = {}): Position => ({
  vehicleId: 'a', fixedAt: at(noon - 60_000), receivedAt: at(noon - 59_000), lat: 47, lon: 19, speed: 0, heading: null, accuracy: null, ...change,
});
const listed = (id: string, change: Partial<Vehicle> = {}): Vehicle => ({
  id, name: `Van ${id}`, deviceId: `dev-${id}`, groups: ['North'], status: 'stopped',
  position: position({ vehicleId: id }), ...change,
});
const live = (...ids: string[]) => new Map(ids.map((id) => [id, vehicle(id)]));

describe('mergeFleet', () => {
  it('prefers what came live', () =>
    expect(mergeFleet([listed('a')], live('a'))[0]).toMatchObject({ status: 'moving', last: { fixedAt: noon, speed: 10 }, deviceId: 'dev-a' }));
  it('prefers the list where it is newer', () => {
    const newer = listed('a', { position: position({ fixedAt: at(noon + 1_000), lat: 48, speed: null }) });
    expect(mergeFleet([newer], live('a'))[0]).toMatchObject({ status: 'stopped', last: { lat: 48, speed: null } });
  });
  it('keeps the order of the server and adds who is not listed yet', () =>
    expect(mergeFleet([listed('b'), listed('a')], live('c', 'a')).map((row) => row.id)).toEqual(['b', 'a', 'c']));
  it('has no last position for a vehicle that never reported', () =>
    expect(mergeFleet([listed('a', { position: null, status: 'unknown' })], new Map())[0]?.last).toBeNull());
  it('has no last position for one whose device had none', () =>
    expect(mergeFleet([listed('a', { position: position({ lat: null, lon: null }) })], new Map())[0]?.last).toBeNull());
});

describe('matches', () => {
  const row = { id: 'veh-3f', name: 'Škoda Ambulance 7', deviceId: '867440069', groups: ['Night shift'] };
  it.each([
    ['', true], ['  ', true], ['škoda', true], ['ŠKODA', true], ['skoda', false], ['VEH-3', true], ['7 ambulance', true], ['8674', true], ['night', true],
    ['škoda night', true], ['8', true], ['bus', false], ['škoda day', false],
  ])('%j: %s', (search, expected) => expect(matches(row, search)).toBe(expected));
});

describe('neighbor', () => {
  const rows = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
  it.each([
    [null, 1, 'a'], [null, -1, 'c'], ['a', 1, 'b'], ['b', -1, 'a'], ['c', 1, 'c'], ['a', -1, 'a'], ['gone', 1, 'a'],
  ] as const)('of %s in direction %d is %s', (id, step, expected) => expect(neighbor(rows, id, step)).toBe(expected));
  it('of an empty list is nobody', () => expect(neighbor([], null, 1)).toBeNull());
});
