import { useQuery } from '@tanstack/react-query';
import { useEffect, type RefObject } from 'react';
import { useServices } from '../app/services';
import { dataOf } from '../shared/api/client';
import type { LiveFeed } from './liveFeed';
import type { FleetMap } from './map/fleetMap';
import { mergeTrail, type TrailPoint } from './scene/trail';

const trailMs = 60 * 60_000;
const mostPoints = 10_000;
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
      const page = dataOf(await api.GET('/api/v1/vehicles/{id}/positions', {
        params: { path: { id: vehicleId ?? '' }, query: { from, limit: mostPoints } }, signal,
      }));
      return page.items.map(({ fixedAt, lat, lon }): TrailPoint => ({ at: Date.parse(fixedAt), lat, lon }));
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
