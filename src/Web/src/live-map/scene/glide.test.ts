import { describe, expect, it } from 'vitest';
import { noon, vehicle } from '../testVehicles';
import { glideTo, isOver, placeAt, standAt } from './glide';

const now = 50_000;
const before = vehicle('a');
const next = vehicle('a', { fixedAt: noon + 10_000, lon: 19.041, heading: 90 });
const standing = standAt(before, now);
const glide = glideTo(standing, before, next, now);

describe('a glide', () => {
  it('begins where the vehicle is drawn', () => expect(placeAt(glide, now).lngLat).toEqual([19.04, 47.5]));
  it('is half way after half of the measured interval', () => expect(placeAt(glide, now + 5_000).lngLat[0]).toBeCloseTo(19.0405, 8));
  it('arrives after the interval', () => expect(placeAt(glide, now + 10_000).lngLat).toEqual([19.041, 47.5]));
  it.each([[10_001], [60_000], [3_600_000]])('is never past the fix, %d ms later', (later) => {
    expect(placeAt(glide, now + later).lngLat).toEqual([19.041, 47.5]);
    expect(isOver(glide, now + later)).toBe(true);
  });
  it('never goes back before its start', () => expect(placeAt(glide, now - 1_000).lngLat).toEqual([19.04, 47.5]));
  it('continues from where it is when the next fix comes early', () => {
    const again = glideTo(glide, next, vehicle('a', { fixedAt: noon + 20_000, lon: 19.042 }), now + 5_000);
    expect(placeAt(again, now + 5_000).lngLat[0]).toBeCloseTo(19.0405, 8);
    expect(placeAt(again, now + 15_000).lngLat[0]).toBe(19.042);
  });
});

describe('a jump', () => {
  it.each([
    ['a long silence', { fixedAt: noon + 60_001, lon: 19.0401 }],
    ['a long way', { fixedAt: noon + 50_000, lon: 19.09 }],
    ['a way that nobody drives in the time', { fixedAt: noon + 1_000, lon: 19.042 }],
    ['a correction of the same fix', { fixedAt: noon, lon: 19.0401 }],
    ['an older fix', { fixedAt: noon - 5_000, lon: 19.0399 }],
  ])('after %s', (_name, change) => {
    const jumped = glideTo(standing, before, vehicle('a', change), now);
    expect(placeAt(jumped, now).lngLat).toEqual([change.lon, 47.5]);
    expect(isOver(jumped, now)).toBe(true);
  });
});

describe('heading', () => {
  it('turns the short way round', () => {
    const north = standAt(vehicle('a', { heading: 350 }), now);
    const turned = glideTo(north, before, vehicle('a', { fixedAt: noon + 10_000, lon: 19.041, heading: 10 }), now);
    expect(placeAt(turned, now + 400).heading).toBeCloseTo(0, 6);
    expect(placeAt(turned, now + 800).heading).toBeCloseTo(10, 6);
  });
  it('comes from the way when the tracker tells none', () => {
    const east = glideTo(standing, before, vehicle('a', { fixedAt: noon + 10_000, lon: 19.041, heading: null }), now);
    expect(placeAt(east, now + 10_000).heading).toBeCloseTo(90, 1);
  });
  it('is kept when the vehicle hardly moved', () => {
    const still = glideTo(standing, before, vehicle('a', { fixedAt: noon + 10_000, heading: null }), now);
    expect(placeAt(still, now + 10_000).heading).toBe(90);
  });
});

it('crosses the antimeridian on the short way', () => {
  const west = vehicle('a', { lat: 0, lon: 179.999 });
  const across = glideTo(standAt(west, now), west, vehicle('a', { lat: 0, lon: -179.999, fixedAt: noon + 10_000 }), now);
  expect(placeAt(across, now + 5_000).lngLat[0]).toBeCloseTo(180, 6);
  expect(placeAt(across, now + 10_000).lngLat[0]).toBeCloseTo(180.001, 6);
});
