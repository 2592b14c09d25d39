import { ShapeError } from '../shared/parse/read';
import { ServerClock } from '../shared/time/serverClock';
import { heard, initialFeed, linked, type Feed, type Link } from './feedState';
import type { Hub } from './hub/hub';
import { readClusters, readDelta, readFreshness, readSnapshot } from './hub/messages';
import { retryDelayMs } from './hub/retry';
import { applyClusters, applyDelta, applySnapshot, disown, emptyPicture, type Picture } from './picture';
import type { Viewport } from './viewport';

const snapshotTimeoutMs = 10_000;

/**
 * The connection to the live hub and the picture that it paints. It never gives up: whatever ends the connection, another one begins, asks
 * for the viewport again and replaces the picture, while the last known one stays on the map.
 */
export class LiveFeed {
  readonly clock = new ServerClock();
  picture: Picture = emptyPicture;
  feed: Feed = initialFeed(Date.now());

  readonly #hub: Hub;
  readonly #listeners = new Set<() => void>();
  #viewport: Viewport | null = null;
  #followed: string | null = null;
  #awaitsSnapshot = false;
  #stopped = true;
  #timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(hub: Hub) {
    this.#hub = hub;
    hub.on('Snapshot', this.#reading(readSnapshot, (message) => this.#show(applySnapshot(message), true)));
    hub.on('Clusters', this.#reading(readClusters, (message) => this.#show(applyClusters(this.picture, message))));
    hub.on('Delta', this.#reading(readDelta, (message) => {
      const next = applyDelta(this.picture, message);
      if (next !== null) this.#show(next);
      else if (!this.#awaitsSnapshot) void this.#askForSnapshot();
    }));
    hub.on('Freshness', this.#reading(readFreshness, (message) => {
      this.clock.heard(message.serverAt, Date.now());
      this.#set(heard(this.feed, message, Date.now()));
    }));
    hub.onreconnecting(() => this.#link('lost'));
    hub.onreconnected(() => this.#onLinked());
    hub.onclose(() => {
      this.#link('lost');
      if (!this.#stopped) void this.#connect(1);
    });
  }

  /** Begins, and gives the function that ends it. */
  start(): () => void {
    this.#stopped = false;
    void this.#connect(0);
    return () => {
      this.#stopped = true;
      for (const timer of this.#timers) clearTimeout(timer);
      this.#timers.clear();
      void this.#hub.stop();
    };
  }

  watch(viewport: Viewport): void {
    this.#viewport = viewport;
    if (this.feed.link === 'connected') void this.#askForSnapshot();
  }

  /** The vehicle that is told about even where it is out of view. */
  follow(vehicleId: string | null): void {
    if (this.#followed === vehicleId) return;
    this.#followed = vehicleId;
    if (this.feed.link === 'connected') void this.#sendFollow();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  async #connect(attempt: number): Promise<void> {
    for (let failed = attempt; ; failed++) {
      // Leaving the page drops the pause, and with it the rest of this loop.
      await this.#pause(retryDelayMs(failed, Math.random()));
      try {
        await this.#hub.start();
        this.#onLinked();
        return;
      } catch {
        this.#link('lost');
      }
    }
  }

  #onLinked(): void {
    this.picture = disown(this.picture);
    this.#link('connected');
    void this.#askForSnapshot();
    void this.#sendFollow();
  }

  async #askForSnapshot(): Promise<void> {
    if (this.#viewport === null) return;
    this.#awaitsSnapshot = true;
    const asked = this.#viewport;
    try {
      await this.#hub.invoke('Watch', asked);
      this.#later(snapshotTimeoutMs, () => this.#askAgain(asked));
    } catch {
      this.#later(retryDelayMs(2, Math.random()), () => this.#askAgain(asked));
    }
  }

  #askAgain(asked: Viewport): void {
    const isDue = this.#awaitsSnapshot && this.#viewport === asked && this.feed.link === 'connected';
    if (isDue) void this.#askForSnapshot();
  }

  async #sendFollow(): Promise<void> {
    try {
      await this.#hub.invoke('Follow', this.#followed);
    } catch (error) {
      console.warn('Follow was refused', error);
    }
  }

  #show(picture: Picture, isSnapshot = false): void {
    if (isSnapshot) this.#awaitsSnapshot = false;
    this.picture = picture;
    this.#notify();
  }

  #link(link: Link): void {
    this.#set(linked(this.feed, link, Date.now()));
  }

  #set(feed: Feed): void {
    this.feed = feed;
    this.#notify();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  #reading<T>(read: (value: unknown) => T, apply: (message: T) => void): (value: unknown) => void {
    return (value) => {
      let message: T;
      try {
        message = read(value);
      } catch (error) {
        if (!(error instanceof ShapeError)) throw error;
        console.error(`A message of the live hub was ignored: ${error.message}`);
        return;
      }
      apply(message);
    };
  }

  #later(ms: number, act: () => void): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#later(ms, resolve));
  }
}
