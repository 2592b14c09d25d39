import { describe, expect, it } from 'vitest';
import { vehicle } from '../testVehicles';
import type { SceneFeature } from '../scene/scene';
import { clusterFeatures, markFeatures, vehicleFeature } from './features';
import { iconOf } from './icons';

const drawn = (change: Parameters<typeof vehicle>[1] = {}): SceneFeature => ({
  id: 'a', lng: 19, lat: 47, heading: 45, opacity: 0.55, vehicle: vehicle('a', change),
});

it.each([
  ['moving', 45, 'arrow'], ['moving', null, 'dot-moving'], ['idling', 45, 'dot-idling'], ['stopped', null, 'dot-stopped'],
  ['offline', 45, 'dot-offline'], ['unknown', null, 'dot-unknown'],
] as const)('%s with heading %s is drawn as %s', (status, heading, icon) => expect(iconOf(vehicle('a', { status }), heading)).toBe(icon));

describe('vehicleFeature', () => {
  it('rotates an arrow only', () => {
    expect(vehicleFeature(drawn(), false).properties).toMatchObject({ heading: 45, icon: 'arrow', opacity: 0.55 });
    expect(vehicleFeature(drawn({ status: 'stopped' }), false).properties).toMatchObject({ heading: 0 });
  });
  it('draws the selected one fully and above all others', () =>
    expect(vehicleFeature(drawn(), true).properties).toMatchObject({ opacity: 1, order: 9, selected: true }));
});

it('tells large clusters shortly', () =>
  expect(clusterFeatures([{ lat: 1, lon: 2, count: 12_345, worst: 'offline' }])[0]).toMatchObject({
    geometry: { coordinates: [2, 1] }, properties: { count: 12_345, worst: 'offline', text: '12K' },
  }));

describe('markFeatures', () => {
  const kinds = (marks: Parameters<typeof markFeatures>[0]) => markFeatures(marks).map((feature) => feature.properties['kind']);
  it('are none without a vehicle', () => expect(kinds({ selected: undefined, hovered: undefined, trailEnd: undefined })).toEqual([]));
  it('are all of them for a selected vehicle with a trail', () =>
    expect(kinds({ selected: drawn(), hovered: undefined, trailEnd: [18, 47] })).toEqual(['halo', 'accuracy', 'trail']));
  it('have no circle without accuracy', () =>
    expect(kinds({ selected: drawn({ accuracy: null }), hovered: undefined, trailEnd: undefined })).toEqual(['halo']));
  it('do not ring the selected vehicle twice', () =>
    expect(kinds({ selected: drawn({ accuracy: null }), hovered: drawn(), trailEnd: undefined })).toEqual(['halo']));
});
