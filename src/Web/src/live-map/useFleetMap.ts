import { useEffect, useRef, type RefObject } from 'react';
import { useServices } from '../app/services';
import { currentUrl, navigate, onPop } from '../shared/navigation/navigation';
import { throttle } from '../shared/ui/throttle';
import type { LiveFeed } from './liveFeed';
import { FleetMap, type MapView } from './map/fleetMap';
import { needsWatch, toViewport, type Bounds, type Viewport } from './viewport';

export interface MapHandlers {
  readonly onPick: (vehicleId: string | null) => void;
  readonly onHover: (vehicleId: string | null) => void;
  readonly onGrab: () => void;
}

const world: Bounds = { west: -180, south: -90, east: 180, north: 90 };
const watchPaceMs = 400;
const urlPaceMs = 800;

/** Puts the map into its container and keeps it, the hub's viewport and the address of the page in step. */
export function useFleetMap(feed: LiveFeed, handlers: MapHandlers): { container: RefObject<HTMLDivElement | null>; map: RefObject<FleetMap | null> } {
  const { config } = useServices();
  const container = useRef<HTMLDivElement>(null);
  const map = useRef<FleetMap | null>(null);
  const latest = useRef(handlers);
  useEffect(() => void (latest.current = handlers));

  useEffect(() => {
    if (container.current === null) return;
    const opened = currentUrl();
    // A link says where to look; without one the first picture does, which therefore is of all the world.
    let isPlaced = opened.view !== null;
    let view: MapView | null = null;
    let bounds: Bounds | null = null;
    let watched: Viewport | null = null;

    const watch = throttle(() => {
      if (view === null || bounds === null) return;
      watched = toViewport(isPlaced ? bounds : world, view.zoom);
      feed.watch(watched);
    }, watchPaceMs);
    const writeUrl = throttle(() => isPlaced && navigate({ view }, 'replace'), urlPaceMs);
    const fleetMap = new FleetMap(container.current, opened.view, config.mapStyleUrl, {
      onView: (nextView, nextBounds) => {
        view = nextView;
        bounds = nextBounds;
        if (needsWatch(watched, bounds, view.zoom)) watch.call();
        writeUrl.call();
      },
      onPick: (vehicleId) => latest.current.onPick(vehicleId),
      onHover: (vehicleId) => latest.current.onHover(vehicleId),
      onGrab: () => latest.current.onGrab(),
    });
    map.current = fleetMap;

    const show = () => {
      const { picture } = feed;
      fleetMap.show(picture.vehicles, picture.clusters, () => feed.clock.toServer(Date.now()));
      if (isPlaced || picture.version === null) return;
      const wanted = picture.vehicles.get(opened.vehicleId ?? '');
      const all = [...picture.vehicles.values(), ...(picture.clusters ?? [])];
      if (all.length === 0) return;
      isPlaced = true;
      if (wanted === undefined) fleetMap.camera.fit(all, picture.clusters !== null);
      else fleetMap.camera.goTo([wanted.lon, wanted.lat]);
    };
    show();
    const endings = [
      feed.subscribe(show),
      onPop((state) => state.view !== null && fleetMap.camera.jumpTo(state.view)),
      watch.cancel,
      writeUrl.cancel,
      () => fleetMap.destroy(),
    ];
    return () => {
      for (const end of endings) end();
      map.current = null;
    };
  }, [feed, config.mapStyleUrl]);

  return { container, map };
}
