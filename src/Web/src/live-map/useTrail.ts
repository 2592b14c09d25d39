import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, type RefObject } from 'react';
import { useServices } from '../app/services';
import { dataOf, type Position } from '../shared/api/client';
import { readPages } from '../shared/api/pages';
import { instantOf, numberOf } from '../shared/api/wire';
import type { LiveFeed } from './liveFeed';
import type { FleetMap } from './map/fleetMap';
import { Trail, type TrailPoint } from './scene/trail';

const trailMs = 60 * 60_000;
/** An hour at one fix per second is 3,600; a tracker that is faster than three times that has the end of its trail cut. */
const pageSize = 2_000;
const mostPages = 6;
const none: readonly TrailPoint[] = [];

/** The way of the selected vehicle in the last hour, continued by what comes live. */
export function useTrail(
  feed: Pick<LiveFeed, 'clock' | 'feed' | 'picture' | 'subscribe'>, map: RefObject<Pick<FleetMap, 'trail'> | null>, vehicleId: string | null,
): void {
  const { api } = useServices();
  const trail = useRef(new Trail(trailMs));
  const { data: history = none, refetch } = useQuery({
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
    trail.current = new Trail(trailMs);
    map.current?.trail(none);
    if (vehicleId === null) return;
    let seenAt: number | null = null;
    let wasLost = feed.feed.link === 'lost';
    const grow = () => {
      const isLost = feed.feed.link === 'lost';
      // What came while nobody listened is in the history.
      if (wasLost && !isLost) void refetch();
      wasLost = isLost;
      const vehicle = feed.picture.vehicles.get(vehicleId);
      if (vehicle === undefined || vehicle.fixedAt === seenAt) return;
      seenAt = vehicle.fixedAt;
      trail.current.add({ at: vehicle.fixedAt, lat: vehicle.lat, lon: vehicle.lon });
      map.current?.trail(trail.current.points);
    };
    grow();
    return feed.subscribe(grow);
  }, [feed, map, vehicleId, refetch]);

  useEffect(() => {
    if (history.length === 0) return;
    trail.current.fill(history);
    map.current?.trail(trail.current.points);
  }, [map, vehicleId, history]);
}

function toPoint(position: Position): TrailPoint[] {
  const [lat, lon] = [numberOf(position.lat), numberOf(position.lon)];
  return lat === null || lon === null ? [] : [{ at: instantOf(position.fixedAt), lat, lon }];
}
