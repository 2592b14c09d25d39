import { ShapeError } from '../shared/parse/read';
import { ServerClock } from '../shared/time/serverClock';
import { Timers } from '../shared/time/timers';
import { heard, initialFeed, linked, type Feed } from './feedState';
import type { Hub } from './hub/hub';
import { HubLink, type HubMessage } from './hub/hubLink';
import { readClusters, readDelta, readFreshness, readSnapshot } from './hub/messages';
import { retryDelayMs } from './hub/retry';
import { applyClusters, applyDelta, applySnapshot, disown, emptyPicture, type Picture } from './picture';
import type { Viewport } from './viewport';

const snapshotTimeoutMs = 10_000;

/**
 * What the live hub tells and the picture that it paints. It never gives up: whatever ends the connection, another one begins, asks for the
 * viewport again and replaces the picture, while the last known one stays on the map.
 */
export class LiveFeed {
  readonly clock = new ServerClock();
  picture: Picture = emptyPicture;
  feed: Feed = initialFeed(Date.now());

  readonly #link: HubLink;
  readonly #listeners = new Set<() => void>();
  readonly #timers = new Timers();
  #viewport: Viewport | null = null;
  #followed: string | null = null;
  #awaitsSnapshot = false;

  constructor(open: () => Hub) {
    const messages: Record<HubMessage, (message: unknown) => void> = {
      Snapshot: this.#reading(readSnapshot, (message) => this.#show(applySnapshot(message), true)),
      Clusters: this.#reading(readClusters, (message) => this.#show(applyClusters(this.picture, message))),
      Delta: this.#reading(readDelta, (message) => {
        const next = applyDelta(this.picture, message);
        if (next !== null) this.#show(next);
        else if (!this.#awaitsSnapshot) void this.#askForSnapshot();
      }),
      Freshness: this.#reading(readFreshness, (message) => {
        this.clock.heard(message.serverAt, Date.now());
        this.#set(heard(this.feed, message, Date.now()));
      }),
    };
    let introduced: Viewport | null = null;
    this.#link = new HubLink(open, {
      onUp: () => this.#onUp(),
      onLost: (refusal) => this.#set(linked(this.feed, 'lost', Date.now(), refusal)),
      onMessage: (name, message) => {
        // Not when the transport stands: a server that refuses the connection says so only then.
        if (name === 'Snapshot' || name === 'Freshness') this.#set(linked(this.feed, 'connected', Date.now()));
        messages[name](message);
      },
      introduce: async (successor) => {
        introduced = this.#viewport;
        if (introduced === null) return false;
        await successor.invoke('Watch', introduced);
        return true;
      },
      onSucceeded: () => {
        // Until its picture comes, which may be in this very message, no delta may continue that of another connection.
        this.picture = disown(this.picture);
        if (introduced !== this.#viewport) void this.#askForSnapshot();
        void this.#sendFollow();
      },
    });
  }

  /** Begins, and gives the function that ends it. */
  start(): () => void {
    const end = this.#link.start();
    return () => {
      end();
      this.#timers.clear();
    };
  }

  watch(viewport: Viewport): void {
    this.#viewport = viewport;
    if (this.#link.isUp) void this.#askForSnapshot();
  }

  /** The vehicle that is told about even where it is out of view. */
  follow(vehicleId: string | null): void {
    if (this.#followed === vehicleId) return;
    this.#followed = vehicleId;
    if (this.#link.isUp) void this.#sendFollow();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #onUp(): void {
    this.picture = disown(this.picture);
    void this.#askForSnapshot();
    void this.#sendFollow();
  }

  async #askForSnapshot(): Promise<void> {
    if (this.#viewport === null) return;
    this.#awaitsSnapshot = true;
    const asked = this.#viewport;
    try {
      await this.#link.invoke('Watch', asked);
      this.#timers.after(snapshotTimeoutMs, () => this.#askAgain(asked));
    } catch {
      this.#timers.after(retryDelayMs(2, Math.random()), () => this.#askAgain(asked));
    }
  }

  #askAgain(asked: Viewport): void {
    const isDue = this.#awaitsSnapshot && this.#viewport === asked && this.#link.isUp;
    if (isDue) void this.#askForSnapshot();
  }

  async #sendFollow(): Promise<void> {
    try {
      await this.#link.invoke('Follow', this.#followed);
    } catch (error) {
      console.warn('Follow was refused', error);
    }
  }

  #show(picture: Picture, isSnapshot = false): void {
    if (isSnapshot) this.#awaitsSnapshot = false;
    this.picture = picture;
    this.#notify();
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
}
