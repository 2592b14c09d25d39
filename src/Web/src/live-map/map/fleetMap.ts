import { AttributionControl, Map as MapLibreMap, setWorkerCount, setWorkerUrl, type GeoJSONSource, type MapMouseEvent, type StyleSpecification } from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import type { LngLat } from '../../shared/geodesy/geodesy';
import type { LiveVehicle, VehicleStatus } from '../../vehicles/vehicle';
import type { Cluster } from '../hub/messages';
import { Scene } from '../scene/scene';
import { trailLines, type TrailPoint } from '../scene/trail';
import { wrapLongitude, type Bounds } from '../viewport';
import { attribution, bundledFiles, loadDetail } from './bundledMap';
import { baseLayers, baseStyle, detailZoom, workerCount } from './baseMap';
import { loadCustomStyle } from './customStyle';
import { clusterFeatures, collection, lineFeatures, markFeatures, vehicleFeature } from './features';
import { fleetLayers, fleetSources } from './fleetLayers';
import { drawIcons, iconPixelRatio } from './icons';
import { readPalette } from './palette';

setWorkerUrl(workerUrl);
setWorkerCount(workerCount);

export interface MapView {
  readonly lat: number;
  readonly lng: number;
  readonly zoom: number;
}

export interface FleetMapEvents {
  /** The view changed, by the reader or by following. */
  readonly onView: (view: MapView, bounds: Bounds, isFollowing: boolean) => void;
  /** A vehicle was picked on the map; null for a click beside all of them. */
  readonly onPick: (vehicleId: string | null) => void;
  readonly onHover: (vehicleId: string | null) => void;
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

interface Camera {
  readonly center?: [number, number];
  readonly zoom?: number;
}

declare global {
  interface Window {
    /** For support and end-to-end tests: what is drawn at this moment. */
    fleetMap?: { renderedVehicles(): RenderedVehicle[] };
  }
}

const noClusters: readonly Cluster[] = [];
const pickTolerance = 10;
const selectZoom = 12;
const fitZoom = 13;
const fitStep = 3;
const revealMargin = 60;
const moveMs = 200;
const aimMs = 2 * moveMs;
const fadeTickMs = 1_000;

/** The one owner of the map object. */
export class FleetMap {
  readonly #map: MapLibreMap;
  readonly #container: HTMLElement;
  readonly #events: FleetMapEvents;
  readonly #calm = window.matchMedia('(prefers-reduced-motion: reduce)');
  readonly #scene = new Scene(() => !this.#calm.matches);
  readonly #endings: (() => void)[] = [];
  #serverNow: () => number = Date.now;
  #selected: string | null = null;
  #hovered: string | null = null;
  #followed: string | null = null;
  #trail: readonly TrailPoint[] = [];
  #clusters: readonly Cluster[] = noClusters;
  #marksKey = '';
  #aim: Camera = {};
  #aimedAt = -Infinity;
  #isReady = false;
  #isGone = false;
  #isPushing = false;
  #lastFrameAt = 0;
  #cancelWake: () => void = () => undefined;

  constructor(container: HTMLElement, view: MapView | null, mapStyleUrl: string | null, events: FleetMapEvents) {
    this.#container = container;
    this.#events = events;
    const style = baseStyle(bundledFiles, fleetSources(), readPalette(container));
    this.#map = new MapLibreMap({
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
    this.#map.touchZoomRotate.disableRotation();
    this.#map.addControl(new AttributionControl({ compact: false, customAttribution: attribution }), 'bottom-right');
    // The fleet does not wait for the base map to be loaded.
    this.#map.once('style.load', () => void this.#begin(style, mapStyleUrl));
    this.#listen();
    window.fleetMap = { renderedVehicles: () => this.renderedVehicles() };
  }

  destroy(): void {
    for (const end of this.#endings) end();
    this.#cancelWake();
    delete window.fleetMap;
    this.#isReady = false;
    this.#isGone = true;
    this.#map.remove();
  }

  show(vehicles: ReadonlyMap<string, LiveVehicle>, clusters: readonly Cluster[] | null, serverNow: () => number): void {
    this.#serverNow = serverNow;
    this.#scene.show(vehicles, performance.now());
    this.#container.dataset['vehicleCount'] = String(vehicles.size);
    const shownClusters = clusters ?? noClusters;
    if (this.#clusters !== shownClusters) {
      this.#clusters = shownClusters;
      if (this.#isReady) void this.#source('clusters').setData(collection(clusterFeatures(this.#clusters)));
    }
    this.#schedule(true);
  }

  select(vehicleId: string | null): void {
    const before = this.#selected;
    this.#selected = vehicleId;
    this.#redraw([before, vehicleId]);
  }

  hover(vehicleId: string | null): void {
    this.#hovered = vehicleId;
    this.#schedule(true);
  }

  follow(vehicleId: string | null): void {
    this.#followed = vehicleId;
    this.#container.dataset['followed'] = vehicleId ?? '';
    this.#schedule(true);
  }

  trail(points: readonly TrailPoint[]): void {
    this.#trail = points;
    this.#drawTrail();
    this.#schedule(true);
  }

  /** How much of the bottom is covered by the sheet of a narrow screen; the center moves up with it. */
  cover(bottom: number): void {
    this.#map.setPadding({ top: 0, left: 0, right: 0, bottom });
    this.#settle();
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

  /** Brings a place into view, with the zoom at which single vehicles are told apart unless the reader is nearer already. */
  goTo(lngLat: LngLat): void {
    this.#move({ center: [lngLat[0], lngLat[1]], zoom: Math.max(this.#map.getZoom(), selectZoom) });
  }

  /** Moves just as far as is needed to see a place. */
  reveal(lngLat: LngLat): void {
    const { x, y } = this.#map.project([lngLat[0], lngLat[1]]);
    const { clientWidth, clientHeight } = this.#container;
    const { bottom = 0 } = this.#map.getPadding();
    if (x > revealMargin && y > revealMargin && x < clientWidth - revealMargin && y < clientHeight - bottom - revealMargin) return;
    this.#move({ center: [lngLat[0], lngLat[1]] });
  }

  jumpTo({ lat, lng, zoom }: MapView): void {
    this.#map.jumpTo({ center: [lng, lat], zoom });
  }

  /** Shows all of an area. What stands for more than itself, as a cluster does, is approached in steps. */
  fit({ west, south, east, north }: Bounds, holdsClusters: boolean): void {
    const maxZoom = holdsClusters ? Math.min(fitZoom, this.#map.getZoom() + fitStep) : fitZoom;
    this.#map.fitBounds([[west, south], [east, north]], { padding: 64, maxZoom, animate: false });
  }

  zoomBy(steps: number): void {
    this.#move({ zoom: this.#map.getZoom() + steps });
  }

  renderedVehicles(): RenderedVehicle[] {
    return this.#scene.drawn().map(({ id, lng, lat, heading, vehicle }) => {
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
    void this.#source('clusters').setData(collection(clusterFeatures(this.#clusters)));
    this.#drawTrail();
    this.#tellView(false);
    this.#schedule(true);
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
    map.on('click', (event) => this.#pick(event));
    map.on('mousemove', (event) => this.#setHovered(this.#vehicleAt(event)));
    map.on('mouseout', () => this.#setHovered(null));
    // A tile or a style that cannot be fetched leaves the bundled map in view.
    map.on('error', (event) => console.warn('map:', event.error.message));
    // The drawer takes room from the map; the vehicle it tells about stays in sight.
    map.on('resize', () => this.#settle());
    this.#listenToTheme();
    const onVisible = () => this.#schedule(true);
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

  #detailWhenNear(): void {
    // The fine coast takes its worker for a while, so it waits until the coarse one is drawn.
    if (!this.#isReady || this.#map.getZoom() < detailZoom || !this.#map.isSourceLoaded('land')) return;
    loadDetail(this.#map);
  }

  #tellView(isFollowing: boolean): void {
    if (!this.#isReady) return;
    const { lat, lng } = this.#map.getCenter();
    const box = this.#map.getBounds();
    const bounds = { west: box.getWest(), south: box.getSouth(), east: box.getEast(), north: box.getNorth() };
    this.#events.onView({ lat, lng: wrapLongitude(lng), zoom: this.#map.getZoom() }, bounds, isFollowing);
  }

  #pick(event: MapMouseEvent): void {
    const vehicleId = this.#vehicleAt(event);
    if (vehicleId !== null) return this.#events.onPick(vehicleId);
    const cluster = this.#isReady ? this.#map.queryRenderedFeatures(event.point, { layers: ['clusters'] })[0] : undefined;
    if (cluster?.geometry.type !== 'Point') return this.#events.onPick(null);
    const [lng, lat] = cluster.geometry.coordinates;
    this.#move({ center: [lng ?? 0, lat ?? 0], zoom: this.#map.getZoom() + 2 });
  }

  #vehicleAt({ point: { x, y } }: MapMouseEvent): string | null {
    if (!this.#isReady) return null;
    const box: [[number, number], [number, number]] = [[x - pickTolerance, y - pickTolerance], [x + pickTolerance, y + pickTolerance]];
    const id: unknown = this.#map.queryRenderedFeatures(box, { layers: ['vehicles'] })[0]?.properties['id'];
    return typeof id === 'string' ? id : null;
  }

  #setHovered(vehicleId: string | null): void {
    if (this.#hovered === vehicleId) return;
    this.#map.getCanvas().style.cursor = vehicleId === null ? '' : 'pointer';
    this.#events.onHover(vehicleId);
  }

  /** After the room of the map changed, which stops the camera on its way. */
  #settle(): void {
    if (performance.now() - this.#aimedAt < aimMs) return this.#move(this.#aim);
    const selected = this.#scene.at(this.#selected ?? '');
    if (selected !== undefined) this.reveal([selected.lng, selected.lat]);
  }

  #move(camera: Camera): void {
    this.#aim = camera;
    this.#aimedAt = performance.now();
    this.#map.easeTo({ ...camera, duration: this.#calm.matches ? 0 : moveMs });
  }

  #redraw(vehicleIds: readonly (string | null)[]): void {
    if (!this.#isReady) return;
    const features = vehicleIds.flatMap((id) => this.#scene.at(id ?? '') ?? []).map((drawn) => vehicleFeature(drawn, drawn.id === this.#selected));
    void this.#source('vehicles').updateData({ add: features });
    this.#schedule(true);
  }

  #drawTrail(): void {
    if (!this.#isReady) return;
    // The newest fix is left to the moving end, or the trail would run ahead of the vehicle.
    void this.#source('trail').setData(collection(lineFeatures(trailLines(this.#trail.slice(0, -1)))));
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
    const pause = this.#scene.size > 400 ? 100 : 40;
    if (this.#isPushing || now - this.#lastFrameAt < pause) return this.#schedule(true);
    this.#lastFrameAt = now;
    const { upserts, removals } = this.#scene.frame(now, this.#serverNow(), this.#pixelInDegrees() / 2);
    if (upserts.length > 0 || removals.length > 0) {
      this.#isPushing = true;
      const add = upserts.map((drawn) => vehicleFeature(drawn, drawn.id === this.#selected));
      this.#source('vehicles').updateData({ add, remove: [...removals] }).catch(() => undefined).finally(() => (this.#isPushing = false));
    }
    this.#mark();
    this.#keepFollowed();
    this.#schedule(this.#scene.isGliding(now));
  }

  #mark(): void {
    const selected = this.#scene.at(this.#selected ?? '');
    const hovered = this.#scene.at(this.#hovered ?? '');
    const end = this.#trail.at(-2);
    const key = [selected?.id, selected?.lng, selected?.lat, selected?.vehicle.accuracy, hovered?.id, hovered?.lng, hovered?.lat, end?.at].join();
    if (key === this.#marksKey) return;
    this.#marksKey = key;
    const trailEnd: LngLat | undefined = end === undefined ? undefined : [end.lon, end.lat];
    void this.#source('marks').setData(collection(markFeatures({ selected, hovered, trailEnd })));
  }

  #keepFollowed(): void {
    const followed = this.#scene.at(this.#followed ?? '');
    if (followed === undefined || this.#map.isMoving()) return;
    const center = this.#map.getCenter();
    const tolerance = this.#pixelInDegrees();
    if (Math.abs(center.lng - followed.lng) < tolerance && Math.abs(center.lat - followed.lat) < tolerance) return;
    this.#map.jumpTo({ center: [followed.lng, followed.lat] }, { isFollowing: true });
  }

  #pixelInDegrees(): number {
    return 360 / (512 * 2 ** this.#map.getZoom());
  }

  #source(id: string): GeoJSONSource {
    const source = this.#map.getSource<GeoJSONSource>(id);
    if (source === undefined) throw new Error(`The map has no source '${id}'.`);
    return source;
  }
}
