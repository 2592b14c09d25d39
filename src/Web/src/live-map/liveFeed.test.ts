import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { feedState } from './feedState';
import type { Hub } from './hub/hub';
import { LiveFeed } from './liveFeed';

const viewport = { west: 19, south: 47, east: 20, north: 48, zoom: 10 };
const wire = (vehicleId: string, fixedAt = '2026-03-01T12:00:00Z') => ({
  vehicleId, name: vehicleId, status: 'moving', fixedAt, receivedAt: fixedAt, lat: 47.5, lon: 19.04, speed: 1, heading: 2, accuracy: 3,
});

class FakeHub implements Hub {
  readonly handlers = new Map<string, (message: unknown) => void>();
  reconnecting = () => {};
  reconnected = () => {};
  close: (error?: Error) => void = () => {};
  end: number | null = null;
  readonly start = vi.fn(() => Promise.resolve());
  readonly stop = vi.fn(() => Promise.resolve());
  readonly invoke = vi.fn((_method: string, ..._args: unknown[]) => Promise.resolve<unknown>(null));
  on(method: string, handler: (message: unknown) => void) { this.handlers.set(method, handler); }
  onreconnecting(handler: () => void) { this.reconnecting = handler; }
  onreconnected(handler: () => void) { this.reconnected = handler; }
  onclose(handler: (error?: Error) => void) { this.close = handler; }
  expiresAt() { return this.end; }
  send(method: string, message: unknown) { this.handlers.get(method)?.(message); }
  calls(method: string) { return this.invoke.mock.calls.filter(([name]) => name === method).map(([, argument]) => argument); }
}

let hub: FakeHub;
let feed: LiveFeed;
let end: () => void;
const settle = () => vi.advanceTimersByTimeAsync(0);
const word = () => hub.send('Freshness', { newestCommitAt: null, serverAt: new Date().toISOString(), stalled: false, reason: null });
const snapshot = (version: number, ...ids: string[]) =>
  hub.send('Snapshot', { version, vehicles: ids.map((id) => wire(id)), clusters: null, total: ids.length });

beforeEach(async () => {
  vi.useFakeTimers();
  hub = new FakeHub();
  feed = new LiveFeed(() => hub);
  feed.watch(viewport);
  end = feed.start();
  await settle();
});

afterEach(() => {
  end();
  vi.useRealTimers();
});

describe('a connection', () => {
  it('asks for what is in view and for the followed vehicle', () => {
    expect(hub.calls('Watch')).toEqual([viewport]);
    expect(hub.calls('Follow')).toEqual([null]);
    feed.follow('a');
    feed.follow('a');
    expect(hub.calls('Follow')).toEqual([null, 'a']);
  });

  it('asks again when the view moved', () => {
    feed.watch({ ...viewport, zoom: 12 });
    expect(hub.calls('Watch')).toEqual([viewport, { ...viewport, zoom: 12 }]);
  });

  it('asks again when the server refused, and when no snapshot comes', async () => {
    snapshot(1, 'a');
    hub.invoke.mockRejectedValueOnce(new Error('busy'));
    feed.watch({ ...viewport, zoom: 12 });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(hub.calls('Watch')).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(hub.calls('Watch')).toHaveLength(4);
    snapshot(2, 'a');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(hub.calls('Watch')).toHaveLength(4);
  });

  it('is tried for ever', async () => {
    end();
    hub = new FakeHub();
    hub.start.mockRejectedValue(new Error('refused'));
    feed = new LiveFeed(() => hub);
    end = feed.start();
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(hub.start.mock.calls.length).toBeGreaterThan(30);
    expect(feedState(feed.feed, Date.now()).kind).toBe('reconnecting');
    hub.start.mockResolvedValue();
    await vi.advanceTimersByTimeAsync(20_000);
    word();
    expect(feed.feed.link).toBe('connected');
  });

  it('is tried no more when the page is left', async () => {
    end();
    hub.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(hub.start).toHaveBeenCalledOnce();
    expect(hub.stop).toHaveBeenCalledOnce();
  });
});

describe('a gap', () => {
  it('asks for a new picture, once, and ignores deltas until it comes', () => {
    snapshot(5, 'a');
    hub.send('Delta', { since: 7, version: 8, upserts: [wire('x')], removals: [] });
    hub.send('Delta', { since: 8, version: 9, upserts: [wire('y')], removals: [] });
    expect(hub.calls('Watch')).toHaveLength(2);
    expect([...feed.picture.vehicles.keys()]).toEqual(['a']);
    snapshot(9, 'a', 'x', 'y');
    hub.send('Delta', { since: 9, version: 10, upserts: [], removals: ['x'] });
    expect([...feed.picture.vehicles.keys()]).toEqual(['a', 'y']);
  });

  it('goes on with the old view while a new one is on its way', () => {
    snapshot(5, 'a');
    feed.watch({ ...viewport, zoom: 12 });
    hub.send('Delta', { since: 5, version: 6, upserts: [wire('b')], removals: [] });
    expect(feed.picture.vehicles.has('b')).toBe(true);
  });
});

describe('a lost connection', () => {
  it('keeps the picture, and replaces it when it is back', () => {
    snapshot(5, 'a', 'b');
    feed.follow('a');
    hub.reconnecting();
    expect(feed.picture.vehicles.size).toBe(2);
    expect(feed.feed.link).toBe('lost');
    hub.reconnected();
    expect(hub.calls('Watch')).toHaveLength(2);
    expect(hub.calls('Follow')).toEqual([null, 'a', 'a']);
    hub.send('Delta', { since: 5, version: 6, upserts: [], removals: ['a'] });
    expect(feed.picture.vehicles.size).toBe(2);
    snapshot(2, 'b');
    expect([...feed.picture.vehicles.keys()]).toEqual(['b']);
  });

  it('that the server closed is begun anew', async () => {
    hub.close();
    expect(feed.feed.link).toBe('lost');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(hub.start).toHaveBeenCalledTimes(2);
    word();
    expect(feed.feed.link).toBe('connected');
  });

  it('that the server refuses again and again is tried ever more seldom, and says why', async () => {
    const reason = 'You have 20 live connections.';
    const refuse = () => hub.close(new Error(`Server returned an error on close: ${reason}`));
    word();
    const links = new Set<string>();
    feed.subscribe(() => links.add(feed.feed.link));
    hub.start.mockImplementation(() => {
      setTimeout(refuse);
      return Promise.resolve();
    });
    refuse();
    await vi.advanceTimersByTimeAsync(60_000);
    // At 0, 1, 3, 7, 15 s and then every 15 s, each a quarter sooner or later.
    expect(hub.start.mock.calls.length - 1).toBeLessThan(10);
    expect(feedState(feed.feed, Date.now())).toMatchObject({ kind: 'reconnecting', refusal: reason });
    expect(links).toEqual(new Set(['lost']));

    hub.start.mockImplementation(() => Promise.resolve());
    await vi.advanceTimersByTimeAsync(20_000);
    word();
    expect(feedState(feed.feed, Date.now()).kind).toBe('live');
    const tried = hub.start.mock.calls.length;
    hub.close();
    await settle();
    expect(hub.start).toHaveBeenCalledTimes(tried + 1);
  });
});

describe('a connection whose token is about to expire', () => {
  const minute = 60_000;
  let old: FakeHub;
  beforeEach(async () => {
    end();
    old = hub = new FakeHub();
    old.end = Date.now() + 15 * minute;
    feed = new LiveFeed(() => hub);
    feed.watch(viewport);
    end = feed.start();
    await settle();
    snapshot(5, 'a');
    hub = new FakeHub();
    hub.end = Date.now() + 30 * minute;
  });
  const beforeTheEnd = () => vi.advanceTimersByTimeAsync(14.5 * minute);

  it('is followed by another that takes over with its picture, without a gap', async () => {
    const links = new Set<string>();
    feed.subscribe(() => links.add(feed.feed.link));
    feed.follow('a');
    await vi.advanceTimersByTimeAsync(14 * minute);
    expect(hub.start).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(minute / 2);
    expect(hub.calls('Watch')).toEqual([viewport]);
    old.send('Delta', { since: 5, version: 6, upserts: [wire('b')], removals: [] });
    expect([...feed.picture.vehicles.keys()]).toEqual(['a', 'b']);
    expect(old.stop).not.toHaveBeenCalled();

    snapshot(1, 'c');
    expect(old.stop).toHaveBeenCalledOnce();
    expect(hub.calls('Follow')).toEqual(['a']);
    old.send('Delta', { since: 1, version: 2, upserts: [], removals: ['c'] });
    old.close();
    expect([...feed.picture.vehicles.keys()]).toEqual(['c']);
    hub.send('Delta', { since: 1, version: 2, upserts: [wire('d')], removals: [] });
    expect([...feed.picture.vehicles.keys()]).toEqual(['c', 'd']);
    expect(links).toEqual(new Set(['connected']));

    const third = (hub = new FakeHub());
    await vi.advanceTimersByTimeAsync(15 * minute);
    expect(third.start).toHaveBeenCalledOnce();
  });

  it('asks the next one again when the view moved meanwhile', async () => {
    await beforeTheEnd();
    feed.watch({ ...viewport, zoom: 12 });
    snapshot(1, 'a');
    expect(hub.calls('Watch')).toEqual([viewport, { ...viewport, zoom: 12 }]);
  });

  it('goes on when the next one fails, and tries again', async () => {
    hub.start.mockRejectedValueOnce(new Error('refused'));
    await beforeTheEnd();
    expect(feed.feed.link).toBe('connected');
    expect(old.stop).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(hub.start).toHaveBeenCalledTimes(2);
    snapshot(1, 'b');
    expect([...feed.picture.vehicles.keys()]).toEqual(['b']);
  });

  it('that is lost meanwhile is lost at once, and begun anew by itself', async () => {
    await beforeTheEnd();
    old.close();
    expect(feed.feed.link).toBe('lost');
    expect(hub.stop).toHaveBeenCalledOnce();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(old.start).toHaveBeenCalledTimes(2);
    old.send('Freshness', { newestCommitAt: null, serverAt: new Date().toISOString(), stalled: false, reason: null });
    expect(feed.feed.link).toBe('connected');
  });

  it('ends with the page, also while the next one comes up', async () => {
    let come = () => {};
    hub.start.mockReturnValueOnce(new Promise<void>((resolve) => (come = resolve)));
    await beforeTheEnd();
    end();
    come();
    await settle();
    expect(hub.stop).toHaveBeenCalled();
    expect(hub.calls('Watch')).toEqual([]);
  });
});

describe('what cannot be read', () => {
  it('is told on the console and changes nothing', () => {
    const said = vi.spyOn(console, 'error').mockReturnValue();
    snapshot(5, 'a');
    hub.send('Snapshot', { version: 'six' });
    expect(feed.picture.version).toBe(5);
    expect(said).toHaveBeenCalledOnce();
  });
});

it('keeps the server clock', () => {
  hub.send('Freshness', { newestCommitAt: null, serverAt: new Date(Date.now() + 30_000).toISOString(), stalled: false });
  expect(feed.clock.toServer(Date.now())).toBe(Date.now() + 30_000);
});
