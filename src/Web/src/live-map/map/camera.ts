import type { Map as MapLibreMap } from 'maplibre-gl';
import type { LngLat } from '../../shared/geodesy/geodesy';
import { boundsOf, hasRoomFor, mostOf, wrapLongitude, type Bounds } from '../viewport';

export interface MapView {
  readonly lat: number;
  readonly lng: number;
  readonly zoom: number;
}

interface Aim {
  readonly center?: [number, number];
  readonly zoom?: number;
}

const selectZoom = 12;
const fitZoom = 13;
const fitStep = 3;
/** Clear of the buttons in the corner. */
const fitPadding = { top: 72, left: 64, bottom: 64, right: 80 };
const revealMargin = 60;
const moveMs = 200;
const aimMs = 2 * moveMs;

/** How wide a pixel of the map is at the equator. */
export const pixelInDegrees = (map: MapLibreMap): number => 360 / (512 * 2 ** map.getZoom());

/** Where the map looks, and how it gets there. */
export class Camera {
  readonly #map: MapLibreMap;
  readonly #isCalm: () => boolean;
  #aim: Aim = {};
  #aimedAt = -Infinity;

  constructor(map: MapLibreMap, isCalm: () => boolean) {
    this.#map = map;
    this.#isCalm = isCalm;
  }

  view(): { view: MapView; bounds: Bounds } {
    const { lat, lng } = this.#map.getCenter();
    const box = this.#map.getBounds();
    return {
      view: { lat, lng: wrapLongitude(lng), zoom: this.#map.getZoom() },
      bounds: { west: box.getWest(), south: box.getSouth(), east: box.getEast(), north: box.getNorth() },
    };
  }

  /** Brings a place into view, with the zoom at which single vehicles are told apart unless the reader is nearer already. */
  goTo([lng, lat]: LngLat): void {
    this.#move({ center: [lng, lat], zoom: Math.max(this.#map.getZoom(), selectZoom) });
  }

  /** Moves just as far as is needed to see a place. */
  reveal([lng, lat]: LngLat): void {
    const { x, y } = this.#map.project([lng, lat]);
    const { clientWidth, clientHeight } = this.#map.getContainer();
    const { bottom = 0 } = this.#map.getPadding();
    if (x > revealMargin && y > revealMargin && x < clientWidth - revealMargin && y < clientHeight - bottom - revealMargin) return;
    this.#move({ center: [lng, lat] });
  }

  approach([lng, lat]: LngLat, steps: number): void {
    this.#move({ center: [lng, lat], zoom: this.#map.getZoom() + steps });
  }

  zoomBy(steps: number): void {
    this.#move({ zoom: this.#map.getZoom() + steps });
  }

  jumpTo({ lat, lng, zoom }: MapView): void {
    this.#map.jumpTo({ center: [lng, lat], zoom });
  }

  /** Shows all of an area; a fleet that is spread over more of the world than fits is shown where most of it is. */
  fit(places: readonly { readonly lat: number; readonly lon: number }[], holdsClusters: boolean): void {
    const all = boundsOf(places);
    if (all === null) return;
    this.#fit(all, holdsClusters);
    const most = hasRoomFor(this.view().bounds, all) ? null : boundsOf(mostOf(places));
    if (most !== null) this.#fit(most, holdsClusters);
  }

  /** What stands for more than itself, as a cluster does, is approached in steps. */
  #fit({ west, south, east, north }: Bounds, holdsClusters: boolean): void {
    const maxZoom = holdsClusters ? Math.min(fitZoom, this.#map.getZoom() + fitStep) : fitZoom;
    this.#map.fitBounds([[west, south], [east, north]], { padding: fitPadding, maxZoom, animate: false });
  }

  /** Keeps a moving place in the center, without taking the map out of the reader's hand. */
  keep([lng, lat]: LngLat): void {
    if (this.#map.isMoving()) return;
    const center = this.#map.getCenter();
    const tolerance = pixelInDegrees(this.#map);
    if (Math.abs(center.lng - lng) < tolerance && Math.abs(center.lat - lat) < tolerance) return;
    this.#map.jumpTo({ center: [lng, lat] }, { isFollowing: true });
  }

  /** After the room of the map changed, which stops the camera on its way: goes on, or keeps what matters in sight. */
  settle(wanted: LngLat | null): void {
    if (performance.now() - this.#aimedAt < aimMs) this.#move(this.#aim);
    else if (wanted !== null) this.reveal(wanted);
  }

  #move(aim: Aim): void {
    this.#aim = aim;
    this.#aimedAt = performance.now();
    this.#map.easeTo({ ...aim, duration: this.#isCalm() ? 0 : moveMs });
  }
}
