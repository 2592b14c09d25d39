import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl';
import type { LngLat } from '../../shared/geodesy/geodesy';
import type { LiveVehicle } from '../../vehicles/vehicle';
import type { Cluster } from '../hub/messages';
import { Scene, type SceneFeature } from '../scene/scene';
import { trailLines, type TrailPoint } from '../scene/trail';
import { pixelInDegrees } from './camera';
import { clusterFeatures, collection, lineFeatures, markFeatures, vehicleFeature } from './features';

const noClusters: readonly Cluster[] = [];
const fadeTickMs = 1_000;
const framePauseMs = 40;
const crowd = 400;
const crowdedPauseMs = 100;

/** Draws the fleet into the map's sources, frame by frame while something moves. What it is told before the map is ready waits. */
export class FleetPainter {
  readonly #map: MapLibreMap;
  readonly #scene: Scene;
  readonly #onFrame: () => void;
  #serverNow: () => number = Date.now;
  #selected: string | null = null;
  #hovered: string | null = null;
  #trail: readonly TrailPoint[] = [];
  #clusters: readonly Cluster[] = noClusters;
  #marksKey = '';
  #isReady = false;
  #isPushing = false;
  #lastFrameAt = 0;
  #cancelWake: () => void = () => undefined;

  /** `onFrame` is told after every frame, when the vehicles have their new places. */
  constructor(map: MapLibreMap, glides: () => boolean, onFrame: () => void) {
    this.#map = map;
    this.#scene = new Scene(glides);
    this.#onFrame = onFrame;
  }

  /** The sources and layers are there. */
  begin(): void {
    this.#isReady = true;
    this.#drawClusters();
    this.#drawTrail();
    this.wake();
  }

  end(): void {
    this.#isReady = false;
    this.#cancelWake();
  }

  show(vehicles: ReadonlyMap<string, LiveVehicle>, clusters: readonly Cluster[] | null, serverNow: () => number): void {
    this.#serverNow = serverNow;
    this.#scene.show(vehicles, performance.now());
    const shownClusters = clusters ?? noClusters;
    if (this.#clusters !== shownClusters) {
      this.#clusters = shownClusters;
      this.#drawClusters();
    }
    this.wake();
  }

  select(vehicleId: string | null): void {
    const changed = [this.#selected, vehicleId];
    this.#selected = vehicleId;
    if (this.#isReady) void this.#source('vehicles').updateData({ add: this.#features(changed.flatMap((id) => this.at(id) ?? [])) });
    this.wake();
  }

  hover(vehicleId: string | null): void {
    this.#hovered = vehicleId;
    this.wake();
  }

  trail(points: readonly TrailPoint[]): void {
    this.#trail = points;
    this.#drawTrail();
    this.wake();
  }

  at(vehicleId: string | null): SceneFeature | undefined {
    return vehicleId === null ? undefined : this.#scene.at(vehicleId);
  }

  get selected(): SceneFeature | undefined {
    return this.at(this.#selected);
  }

  drawn(): SceneFeature[] {
    return this.#scene.drawn();
  }

  /** Something changed, so a frame comes soon. */
  wake(): void {
    this.#schedule(true);
  }

  /** One frame soon when something changes, else a slow tick that lets old positions fade. */
  #schedule(isSoon: boolean): void {
    if (!this.#isReady) return;
    this.#cancelWake();
    if (isSoon && !document.hidden) {
      const frame = requestAnimationFrame(() => this.#frame());
      this.#cancelWake = () => cancelAnimationFrame(frame);
      return;
    }
    const timer = setTimeout(() => this.#frame(), fadeTickMs);
    this.#cancelWake = () => clearTimeout(timer);
  }

  #frame(): void {
    const now = performance.now();
    const pause = this.#scene.size > crowd ? crowdedPauseMs : framePauseMs;
    if (this.#isPushing || now - this.#lastFrameAt < pause) return this.#schedule(true);
    this.#lastFrameAt = now;
    const { upserts, removals } = this.#scene.frame(now, this.#serverNow(), pixelInDegrees(this.#map) / 2);
    if (upserts.length > 0 || removals.length > 0) {
      this.#isPushing = true;
      const change = { add: this.#features(upserts), remove: [...removals] };
      this.#source('vehicles').updateData(change).catch(() => undefined).finally(() => (this.#isPushing = false));
    }
    this.#mark();
    this.#onFrame();
    this.#schedule(this.#scene.isGliding(now));
  }

  #features(drawn: readonly SceneFeature[]) {
    return drawn.map((each) => vehicleFeature(each, each.id === this.#selected));
  }

  #mark(): void {
    const selected = this.selected;
    const hovered = this.at(this.#hovered);
    const end = this.#trail.at(-2);
    const key = [selected?.id, selected?.lng, selected?.lat, selected?.vehicle.accuracy, hovered?.id, hovered?.lng, hovered?.lat, end?.at].join();
    if (key === this.#marksKey) return;
    this.#marksKey = key;
    const trailEnd: LngLat | undefined = end === undefined ? undefined : [end.lon, end.lat];
    void this.#source('marks').setData(collection(markFeatures({ selected, hovered, trailEnd })));
  }

  #drawClusters(): void {
    if (this.#isReady) void this.#source('clusters').setData(collection(clusterFeatures(this.#clusters)));
  }

  #drawTrail(): void {
    // The newest fix is left to the moving end, or the trail would run ahead of the vehicle.
    if (this.#isReady) void this.#source('trail').setData(collection(lineFeatures(trailLines(this.#trail.slice(0, -1)))));
  }

  #source(id: string): GeoJSONSource {
    const source = this.#map.getSource<GeoJSONSource>(id);
    if (source === undefined) throw new Error(`The map has no source '${id}'.`);
    return source;
  }
}
