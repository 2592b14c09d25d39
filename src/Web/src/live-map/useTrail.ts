import { useQuery } from '@tanstack/react-query';
import { useEffect, type RefObject } from 'react';
import { useServices } from '../app/services';
import { dataOf, type Position } from '../shared/api/client';
import { readPages } from '../shared/api/pages';
import { instantOf, numberOf } from '../shared/api/wire';
import type { LiveFeed } from './liveFeed';
import type { FleetMap } from './map/fleetMap';
import { mergeTrail, type TrailPoint } from './scene/trail';

const trailMs = 60 * 60_000;
/** An hour at one fix per second is 3,600; a tracker that is faster than three times that has the end of its trail cut. */
const pageSize = 2_000;
const mostPages = 6;
const none: readonly TrailPoint[] = [];

/** The way of the selected vehicle in the last hour, continued by what comes live. */
export function useTrail(feed: LiveFeed, map: RefObject<FleetMap | null>, vehicleId: string | null): void {
  const { api } = useServices();
  const { data: history = none } = useQuery({
    queryKey: ['trail', vehicleId],
    enabled: vehicleId !== null,
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    queryFn: async ({ signal }) => {
      const from = new Date(feed.clock.toServer(Date.now()) - trailMs).toISOString();
      return readPages(mostPages, async (cursor) => {
        const { items, next } = dataOf(await api.GET('/api/v1/vehicles/{id}/positions', {
          params: { path: { id: vehicleId ?? '' }, query: { from, limit: pageSize, ...(cursor === null ? {} : { cursor }) } }, signal,
        }));
        return { items: items.flatMap(toPoint), next };
      });
    },
  });

  useEffect(() => {
    const live: TrailPoint[] = [];
    const draw = () => map.current?.trail(vehicleId === null ? none : mergeTrail(history, live));
    const grow = () => {
      const vehicle = feed.picture.vehicles.get(vehicleId ?? '');
      if (vehicle === undefined || vehicle.fixedAt === live.at(-1)?.at) return;
      live.push({ at: vehicle.fixedAt, lat: vehicle.lat, lon: vehicle.lon });
      draw();
    };
    draw();
    grow();
    return feed.subscribe(grow);
  }, [feed, map, vehicleId, history]);
}

function toPoint(position: Position): TrailPoint[] {
  const [lat, lon] = [numberOf(position.lat), numberOf(position.lon)];
  return lat === null || lon === null ? [] : [{ at: instantOf(position.fixedAt), lat, lon }];
}
