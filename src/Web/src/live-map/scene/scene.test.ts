import { describe, expect, it } from 'vitest';
import type { LiveVehicle } from '../../vehicles/vehicle';
import { noon, vehicle } from '../testVehicles';
import { Scene } from './scene';

const fleet = (...vehicles: LiveVehicle[]) => new Map(vehicles.map((each) => [each.vehicleId, each]));
const ids = (features: readonly { id: string }[]) => features.map((feature) => feature.id);
const later = vehicle('a', { fixedAt: noon + 10_000, lon: 19.041 });

describe('the difference of a frame', () => {
  it('is everything at first and nothing when nothing changed', () => {
    const scene = new Scene();
    scene.show(fleet(vehicle('a'), vehicle('b')), 0);
    expect(ids(scene.frame(0, noon, 0).upserts)).toEqual(['a', 'b']);
    expect(scene.frame(100, noon, 0)).toEqual({ upserts: [], removals: [] });
  });

  it('names what left', () => {
    const scene = new Scene();
    scene.show(fleet(vehicle('a'), vehicle('b')), 0);
    scene.frame(0, noon, 0);
    scene.show(fleet(vehicle('b')), 10);
    expect(scene.frame(10, noon, 0)).toEqual({ upserts: [], removals: ['a'] });
    expect(ids(scene.drawn())).toEqual(['b']);
  });

  it('holds only what moves', () => {
    const scene = new Scene();
    scene.show(fleet(vehicle('a'), vehicle('b')), 0);
    scene.frame(0, noon, 0);
    scene.show(fleet(later, vehicle('b')), 0);
    const diff = scene.frame(5_000, noon + 10_000, 0);
    expect(ids(diff.upserts)).toEqual(['a']);
    expect(diff.upserts[0]?.lng).toBeCloseTo(19.0405, 8);
  });

  it('lets tiny moves wait, and always shows the end', () => {
    const scene = new Scene();
    scene.show(fleet(vehicle('a')), 0);
    scene.frame(0, noon, 0);
    scene.show(fleet(later), 0);
    expect(scene.frame(100, noon, 0.001).upserts).toEqual([]);
    expect(scene.frame(10_000, noon, 0.001).upserts[0]?.lng).toBe(19.041);
  });

  it('holds a new state, a new name and a new fading', () => {
    const scene = new Scene();
    scene.show(fleet(vehicle('a')), 0);
    scene.frame(0, noon, 0);
    scene.show(fleet(vehicle('a', { status: 'idling' })), 0);
    expect(scene.frame(0, noon, 0).upserts[0]?.vehicle.status).toBe('idling');
    scene.show(fleet(vehicle('a', { status: 'idling', name: 'Truck' })), 0);
    expect(scene.frame(0, noon, 0).upserts[0]?.vehicle.name).toBe('Truck');
    expect(scene.frame(0, noon + 200_000, 0).upserts[0]?.opacity).toBe(0.75);
  });
});

describe('a fleet that moves', () => {
  it('glides until it arrives', () => {
    const scene = new Scene();
    scene.show(fleet(vehicle('a')), 0);
    expect(scene.isGliding(0)).toBe(false);
    scene.show(fleet(later), 0);
    expect(scene.isGliding(9_999)).toBe(true);
    expect(scene.isGliding(10_000)).toBe(false);
  });

  it('goes on gliding when the same fix is told again', () => {
    const scene = new Scene();
    scene.show(fleet(vehicle('a')), 0);
    scene.show(fleet(later), 0);
    scene.show(fleet({ ...later, status: 'stopped' }), 5_000);
    scene.frame(5_000, noon, 0);
    expect(scene.at('a')?.lng).toBeCloseTo(19.0405, 8);
  });

  it('jumps for those who want no motion', () => {
    const scene = new Scene(() => false);
    scene.show(fleet(vehicle('a')), 0);
    scene.show(fleet(later), 0);
    scene.frame(0, noon, 0);
    expect(scene.at('a')?.lng).toBe(19.041);
  });

  it('forgets a vehicle that left, so that it comes back without a glide', () => {
    const scene = new Scene();
    scene.show(fleet(vehicle('a')), 0);
    scene.show(fleet(), 0);
    scene.show(fleet(later), 0);
    scene.frame(0, noon, 0);
    expect(scene.at('a')?.lng).toBe(19.041);
  });
});
