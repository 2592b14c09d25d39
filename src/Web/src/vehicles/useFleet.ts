import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import { useServices } from '../app/services';
import { dataOf, type Vehicle } from '../shared/api/client';
import { matches, mergeFleet, type FleetRow } from './fleetList';
import type { LiveVehicle } from './vehicle';

const pageSize = 200;
const searchPauseMs = 250;
const refreshMs = 30_000;
const listeningMs = 3_000;

export interface Fleet {
  readonly rows: readonly FleetRow[];
  readonly isLoading: boolean;
  readonly error: Error | null;
  readonly hasMore: boolean;
  /** Nobody has ever reported, as far as the server knows. */
  readonly isUnused: boolean;
  readonly loadMore: () => void;
  readonly retry: () => void;
}

/** The fleet list: pages of the server, searched there after a pause and here at once, with the live picture on top. */
export function useFleet(search: string, live: ReadonlyMap<string, LiveVehicle>): Fleet {
  const { api } = useServices();
  const asked = useSettled(search.trim(), searchPauseMs);
  const query = useInfiniteQuery({
    queryKey: ['vehicles', asked],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => dataOf(await api.GET('/api/v1/vehicles', {
      params: { query: { limit: pageSize, ...(pageParam === null ? {} : { cursor: pageParam }), ...(asked === '' ? {} : { q: asked }) } },
      signal,
    })),
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (asked === '' && isUnused(state.data?.pages.flatMap((page) => page.items)) ? listeningMs : refreshMs),
  });

  const listed = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const shownLive = useDeferredValue(live);
  const isAnswered = asked === search.trim() && !query.isPlaceholderData;
  const rows = useMemo(() => {
    const known = new Set(listed.map((vehicle) => vehicle.id));
    // What the server found stays, also where it found it in something that this page does not know.
    return mergeFleet(listed, shownLive).filter((row) => (isAnswered && known.has(row.id)) || matches(row, search));
  }, [listed, shownLive, search, isAnswered]);

  return {
    rows,
    isLoading: query.isPending,
    error: query.error,
    hasMore: query.hasNextPage,
    isUnused: asked === '' && query.data !== undefined && isUnused(listed),
    loadMore: () => {
      if (query.hasNextPage && !query.isFetching) void query.fetchNextPage();
    },
    retry: () => void query.refetch(),
  };
}

/** One vehicle, for when it is selected but neither listed nor in view. */
export function useVehicle(vehicleId: string) {
  const { api } = useServices();
  return useQuery({
    queryKey: ['vehicle', vehicleId],
    queryFn: async ({ signal }) => dataOf(await api.GET('/api/v1/vehicles/{id}', { params: { path: { id: vehicleId } }, signal })),
    refetchInterval: refreshMs / 2,
  });
}

function isUnused(vehicles: readonly Vehicle[] | undefined): boolean {
  return vehicles?.every((vehicle) => vehicle.position === null) ?? false;
}

function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
