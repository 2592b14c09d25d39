// @vitest-environment jsdom
import { QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createServices, ServicesProvider } from '../app/services';
import { defaultConfig } from '../shared/config/appConfig';
import { ServerClock } from '../shared/time/serverClock';
import { initialFeed, linked } from './feedState';
import { emptyPicture } from './picture';
import type { TrailPoint } from './scene/trail';
import { noon, vehicle } from './testVehicles';
import { useTrail } from './useTrail';

const send = vi.fn<typeof fetch>();
beforeEach(() => void vi.stubGlobal('fetch', send.mockReset()));
afterEach(() => void vi.unstubAllGlobals());

const second = 1_000;
const stored = (...times: number[]) => Response.json({
  items: times.map((time) => ({ vehicleId: 'a', fixedAt: new Date(time).toISOString(), receivedAt: new Date(time).toISOString(), lat: 47, lon: 19 })), next: null,
});

it('fills what came while the connection was lost, and keeps what comes live meanwhile', async () => {
  const listeners = new Set<() => void>();
  const feed = {
    clock: new ServerClock(), feed: linked(initialFeed(noon), 'connected', noon), picture: emptyPicture,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const tell = () => act(() => listeners.forEach((listener) => listener()));
  const fix = (time: number) => {
    feed.picture = { ...emptyPicture, vehicles: new Map([['a', vehicle('a', { fixedAt: time })]]) };
    tell();
  };
  let drawn: number[] = [];
  const map = { current: { trail: (points: readonly TrailPoint[]) => void (drawn = points.map((point) => point.at - noon)) } };
  const services = createServices({ ...defaultConfig, apiUrl: 'http://localhost' });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <ServicesProvider value={services}><QueryClientProvider client={services.queries}>{children}</QueryClientProvider></ServicesProvider>
  );

  send.mockResolvedValueOnce(stored(noon));
  renderHook(() => useTrail(feed, map, 'a'), { wrapper });
  await waitFor(() => expect(drawn).toEqual([0]));
  fix(noon + second);

  let answer = (_: Response) => {};
  send.mockReturnValueOnce(new Promise((resolve) => (answer = resolve)));
  feed.feed = linked(feed.feed, 'lost', noon);
  tell();
  expect(send).toHaveBeenCalledOnce();
  feed.feed = linked(feed.feed, 'connected', noon);
  fix(noon + 60 * second);
  await waitFor(() => expect(send).toHaveBeenCalledTimes(2));
  fix(noon + 61 * second);
  answer(stored(noon, noon + second, noon + 30 * second, noon + 60 * second));
  await waitFor(() => expect(drawn).toEqual([0, second, 30 * second, 60 * second, 61 * second]));
});
