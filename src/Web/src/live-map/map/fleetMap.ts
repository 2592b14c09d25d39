import { AttributionControl, Map as MapLibreMap, prewarm, setWorkerCount, setWorkerUrl, type StyleSpecification } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import type { LngLat } from '../../shared/geodesy/geodesy';
import type { LiveVehicle, VehicleStatus } from '../../vehicles/vehicle';
import type { Cluster } from '../hub/messages';
import type { SceneFeature } from '../scene/scene';
import type { TrailPoint } from '../scene/trail';
import { wrapLongitude, type Bounds } from '../viewport';
import { baseLayers, baseStyle, detailZoom, workerCount } from './baseMap';
import { attribution, bundledFiles, dropSketch, loadDetail } from './bundledMap';
import { Camera, type MapView } from './camera';
import { loadCustomStyle } from './customStyle';
import { fleetLayers, fleetSources } from './fleetLayers';
import { FleetPainter } from './fleetPainter';
import { drawIcons, iconPixelRatio } from './icons';
import { readPalette } from './palette';
import { listenToPointer, type PointerEvents } from './pointer';

setWorkerUrl(workerUrl);
setWorkerCount(workerCount);
// The workers start with this module, which comes while the user is still signing in.
prewarm();

export type { MapView } from './camera';

export interface FleetMapEvents extends PointerEvents {
  /** The view changed, by the reader or by following. */
  readonly onView: (view: MapView, bounds: Bounds, isFollowing: boolean) => void;
  /** The reader took the map into the hand, which ends following. */
  readonly onGrab: () => void;
}

export interface RenderedVehicle {
  readonly id: string;
  readonly lng: number;
  readonly lat: number;
  readonly heading: number | null;
  readonly status: VehicleStatus;
  /** Pixels from the upper left corner of the map. */
  readonly x: number;
  readonly y: number;
}

declare global {
  interface Window {
    /** For support and end-to-end tests: what is drawn at this moment. */
    fleetMap?: { renderedVehicles(): RenderedVehicle[] };
  }
}

const clusterSteps = 2;
const placeOf = ({ lng, lat }: SceneFeature): LngLat => [lng, lat];

/** The one owner of the map object. */
export class FleetMap {
  readonly camera: Camera;
  readonly #map: MapLibreMap;
  readonly #container: HTMLElement;
  readonly #events: FleetMapEvents;
  readonly #painter: FleetPainter;
  readonly #endings: (() => void)[] = [];
  #followed: string | null = null;
  #isReady = false;
  #isGone = false;

  constructor(container: HTMLElement, view: MapView | null, mapStyleUrl: string | null, events: FleetMapEvents) {
    this.#container = container;
    this.#events = events;
    const style = baseStyle(bundledFiles, fleetSources(), readPalette(container));
    this.#map = createMap(container, style, view);
    const calm = window.matchMedia('(prefers-reduced-motion: reduce)');
    this.camera = new Camera(this.#map, () => calm.matches);
    this.#painter = new FleetPainter(this.#map, () => !calm.matches, () => this.#keepFollowed());
    // The fleet does not wait for the base map to be loaded.
    this.#map.once('style.load', () => void this.#begin(style, mapStyleUrl));
    this.#listen();
    window.fleetMap = { renderedVehicles: () => this.renderedVehicles() };
  }

  destroy(): void {
    for (const end of this.#endings) end();
    this.#painter.end();
    delete window.fleetMap;
    this.#isReady = false;
    this.#isGone = true;
    this.#map.remove();
  }

  show(vehicles: ReadonlyMap<string, LiveVehicle>, clusters: readonly Cluster[] | null, serverNow: () => number): void {
    this.#container.dataset['vehicleCount'] = String(vehicles.size);
    this.#painter.show(vehicles, clusters, serverNow);
  }

  select(vehicleId: string | null): void {
    this.#painter.select(vehicleId);
  }

  hover(vehicleId: string | null): void {
    this.#painter.hover(vehicleId);
  }

  trail(points: readonly TrailPoint[]): void {
    this.#painter.trail(points);
  }

  follow(vehicleId: string | null): void {
    this.#followed = vehicleId;
    this.#container.dataset['followed'] = vehicleId ?? '';
    this.#painter.wake();
  }

  /** How much of the bottom is covered by the sheet of a narrow screen; the center moves up with it. */
  cover(bottom: number): void {
    this.#map.setPadding({ top: 0, left: 0, right: 0, bottom });
    this.#settle();
  }

  renderedVehicles(): RenderedVehicle[] {
    return this.#painter.drawn().map(({ id, lng, lat, heading, vehicle }) => {
      const { x, y } = this.#map.project([lng, lat]);
      return { id, lng: wrapLongitude(lng), lat, heading, status: vehicle.status, x, y };
    });
  }

  async #begin(style: StyleSpecification, mapStyleUrl: string | null): Promise<void> {
    const palette = readPalette(this.#container);
    if (mapStyleUrl !== null) await this.#addCustomStyle(style, mapStyleUrl);
    if (this.#isGone) return;
    for (const [name, image] of drawIcons(palette)) this.#map.addImage(name, image, { pixelRatio: iconPixelRatio });
    for (const layer of fleetLayers(palette)) this.#map.addLayer(layer);
    this.#isReady = true;
    this.#map.resize();
    listenToPointer(this.#map, this.#events, (center) => this.camera.approach(center, clusterSteps));
    this.#tellView(false);
    this.#painter.begin();
    this.#detailWhenNear();
  }

  async #addCustomStyle(bundled: StyleSpecification, mapStyleUrl: string): Promise<void> {
    const merged = await loadCustomStyle(bundled, mapStyleUrl);
    if (merged === null || this.#isGone) return;
    const map = this.#map;
    if (typeof merged.sprite === 'string') map.setSprite(merged.sprite);
    for (const [id, source] of Object.entries(merged.sources)) if (map.getSource(id) === undefined) map.addSource(id, source);
    const kept = new Set(merged.layers.map((layer) => layer.id));
    for (const layer of bundled.layers) if (!kept.has(layer.id)) map.removeLayer(layer.id);
    for (const layer of merged.layers) if (map.getLayer(layer.id) === undefined) map.addLayer(layer);
  }

  #listen(): void {
    const map = this.#map;
    map.on('moveend', (event) => this.#tellView('isFollowing' in event && event.isFollowing === true));
    map.on('dragstart', () => this.#events.onGrab());
    map.on('zoom', () => this.#detailWhenNear());
    map.on('sourcedata', (event) => event.sourceId === 'land' && this.#detailWhenNear());
    // A tile or a style that cannot be fetched leaves the bundled map in view.
    map.on('error', (event) => console.warn('map:', event.error.message));
    // The drawer takes room from the map; the vehicle it tells about stays in sight.
    map.on('resize', () => this.#settle());
    dropSketch(map);
    this.#listenToTheme();
    const onVisible = () => this.#painter.wake();
    document.addEventListener('visibilitychange', onVisible);
    this.#endings.push(() => document.removeEventListener('visibilitychange', onVisible));
  }

  #listenToTheme(): void {
    const retheme = () => this.#retheme();
    const choice = new MutationObserver(retheme);
    choice.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const system = window.matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', retheme);
    this.#endings.push(() => choice.disconnect(), () => system.removeEventListener('change', retheme));
  }

  #retheme(): void {
    if (!this.#isReady) return;
    const palette = readPalette(this.#container);
    for (const layer of [...baseLayers(palette), ...fleetLayers(palette)]) {
      if (this.#map.getLayer(layer.id) === undefined) continue;
      for (const [name, value] of Object.entries(layer.paint ?? {})) this.#map.setPaintProperty(layer.id, name as never, value as never);
    }
    for (const [name, image] of drawIcons(palette)) this.#map.updateImage(name, image);
  }

  #detailWhenNear(): void {
    // The fine coast takes its worker for a while, so it waits until the coarse one is drawn.
    if (!this.#isReady || this.#map.getZoom() < detailZoom || !this.#map.isSourceLoaded('land')) return;
    loadDetail(this.#map);
  }

  #tellView(isFollowing: boolean): void {
    if (!this.#isReady) return;
    const { view, bounds } = this.camera.view();
    this.#events.onView(view, bounds, isFollowing);
  }

  #settle(): void {
    const { selected } = this.#painter;
    this.camera.settle(selected === undefined ? null : placeOf(selected));
  }

  #keepFollowed(): void {
    const followed = this.#painter.at(this.#followed);
    if (followed !== undefined) this.camera.keep(placeOf(followed));
  }
}

function createMap(container: HTMLElement, style: StyleSpecification, view: MapView | null): MapLibreMap {
  const map = new MapLibreMap({
    container,
    style,
    center: view === null ? [10, 30] : [view.lng, view.lat],
    zoom: view?.zoom ?? 1.5,
    attributionControl: false,
    fadeDuration: 0,
    dragRotate: false,
    pitchWithRotate: false,
    maxPitch: 0,
    maxZoom: 19,
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new AttributionControl({ compact: false, customAttribution: attribution }), 'bottom-right');
  return map;
}
