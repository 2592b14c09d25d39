import type { LiveVehicle } from '../../vehicles/vehicle';
import { opacityByAge, ownInterval, withInterval } from './fading';
import { glideTo, isOver, placeAt, standAt, type Glide } from './glide';

/** A vehicle as it is on the map now. */
export interface SceneFeature {
  readonly id: string;
  readonly lng: number;
  readonly lat: number;
  readonly heading: number | null;
  readonly opacity: number;
  readonly vehicle: LiveVehicle;
}

export interface SceneDiff {
  readonly upserts: readonly SceneFeature[];
  readonly removals: readonly string[];
}

interface Actor {
  vehicle: LiveVehicle;
  glide: Glide;
  intervals: readonly number[];
}

/** Where every vehicle is drawn at a moment, and what that changes on the map. Knows neither the map nor a clock. */
export class Scene {
  readonly #actors = new Map<string, Actor>();
  readonly #shown = new Map<string, SceneFeature>();
  readonly #glides: () => boolean;

  constructor(glides: () => boolean = () => true) {
    this.#glides = glides;
  }

  /** The fleet as it should be drawn from now on. */
  show(vehicles: ReadonlyMap<string, LiveVehicle>, now: number): void {
    for (const id of this.#actors.keys()) if (!vehicles.has(id)) this.#actors.delete(id);
    for (const [id, vehicle] of vehicles) {
      const actor = this.#actors.get(id);
      if (actor === undefined) this.#actors.set(id, { vehicle, glide: standAt(vehicle, now), intervals: [] });
      else if (actor.vehicle !== vehicle) this.#advance(actor, vehicle, now);
    }
  }

  /** What must change on the map. Moves below the tolerance (in degrees) wait, unless they end a glide. */
  frame(now: number, serverNow: number, tolerance: number): SceneDiff {
    const removals = [...this.#shown.keys()].filter((id) => !this.#actors.has(id));
    for (const id of removals) this.#shown.delete(id);
    const upserts: SceneFeature[] = [];
    for (const [id, actor] of this.#actors) {
      const feature = this.#draw(id, actor, now, serverNow);
      const shown = this.#shown.get(id);
      if (shown !== undefined && !isChanged(shown, feature, isOver(actor.glide, now) ? 0 : tolerance)) continue;
      this.#shown.set(id, feature);
      upserts.push(feature);
    }
    return { upserts, removals };
  }

  /** What the last frame drew. */
  drawn(): SceneFeature[] {
    return [...this.#shown.values()];
  }

  at(vehicleId: string): SceneFeature | undefined {
    return this.#shown.get(vehicleId);
  }

  get size(): number {
    return this.#actors.size;
  }

  isGliding(now: number): boolean {
    for (const actor of this.#actors.values()) if (!isOver(actor.glide, now)) return true;
    return false;
  }

  #advance(actor: Actor, next: LiveVehicle, now: number): void {
    const isNewFix = next.fixedAt !== actor.vehicle.fixedAt || next.lat !== actor.vehicle.lat || next.lon !== actor.vehicle.lon;
    if (isNewFix) {
      actor.intervals = withInterval(actor.intervals, next.fixedAt - actor.vehicle.fixedAt);
      actor.glide = this.#glides() ? glideTo(actor.glide, actor.vehicle, next, now) : standAt(next, now);
    }
    actor.vehicle = next;
  }

  #draw(id: string, { vehicle, glide, intervals }: Actor, now: number, serverNow: number): SceneFeature {
    const { lngLat: [lng, lat], heading } = placeAt(glide, now);
    const opacity = opacityByAge(serverNow - vehicle.fixedAt, ownInterval(intervals));
    return { id, lng, lat, heading, opacity, vehicle };
  }
}

function isChanged(shown: SceneFeature, next: SceneFeature, tolerance: number): boolean {
  return shown.vehicle.status !== next.vehicle.status || shown.vehicle.name !== next.vehicle.name || shown.opacity !== next.opacity
    || Math.abs(shown.lng - next.lng) > tolerance || Math.abs(shown.lat - next.lat) > tolerance
    || turned(shown.heading, next.heading, tolerance === 0 ? 0 : 4);
}

function turned(before: number | null, after: number | null, tolerance: number): boolean {
  if (before === null || after === null) return before !== after;
  return Math.abs(before - after) > tolerance;
}
