import { Timers } from '../../shared/time/timers';
import type { Hub } from './hub';
import { refusalOf } from './refusal';
import { retryDelayMs } from './retry';

export const hubMessages = ['Snapshot', 'Clusters', 'Delta', 'Freshness'] as const;
export type HubMessage = (typeof hubMessages)[number];

export interface HubLinkEvents {
  /** A connection is up; it knows nothing of what the last one was asked. */
  onUp(): void;
  /** @param refusal What the server said, when it closed the connection on purpose. */
  onLost(refusal: string | null): void;
  onMessage(name: HubMessage, message: unknown): void;
  /** Asks a connection that is to take over for its picture; false when there is nothing to ask for. */
  introduce(successor: Hub): Promise<boolean>;
  /** The successor has taken over; its picture follows. */
  onSucceeded(): void;
}

/** Less than the minute ahead of its end at which a token is replaced: a connection that begins now has the next one. */
const renewAheadMs = 30_000;
const leastRenewalMs = 5_000;
const introductionMs = 10_000;
/** What a timer of the browser holds. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * One connection to the hub after another, for ever. The server ends a connection with its token; before that, the next one is opened beside
 * it and takes over with its first picture, so that the map has no gap.
 */
export class HubLink {
  readonly #open: () => Hub;
  readonly #events: HubLinkEvents;
  readonly #timers = new Timers();
  #current: Hub | null = null;
  #next: Hub | null = null;
  #isUp = false;
  #attempts = 0;
  #cancelRenewal: () => void = () => {};

  constructor(open: () => Hub, events: HubLinkEvents) {
    this.#open = open;
    this.#events = events;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Begins, and gives the function that ends it. */
  start(): () => void {
    this.#attempts = 0;
    this.#current = this.#create();
    void this.#connect(this.#current);
    return () => {
      const hubs = [this.#current, this.#next];
      this.#current = this.#next = null;
      this.#isUp = false;
      this.#timers.clear();
      for (const hub of hubs) void hub?.stop();
    };
  }

  invoke(method: string, ...args: unknown[]): Promise<unknown> {
    return this.#current?.invoke(method, ...args) ?? Promise.reject(new Error('There is no connection.'));
  }

  #create(): Hub {
    const hub = this.#open();
    for (const name of hubMessages) hub.on(name, (message) => this.#receive(hub, name, message));
    hub.onreconnecting(() => (hub === this.#current ? this.#lose(null) : this.#drop(hub)));
    hub.onreconnected(() => hub === this.#current && this.#rise(hub));
    hub.onclose((error) => {
      this.#drop(hub);
      if (hub !== this.#current) return;
      this.#lose(refusalOf(error));
      void this.#connect(hub);
    });
    return hub;
  }

  #receive(hub: Hub, name: HubMessage, message: unknown): void {
    if (hub === this.#next && name === 'Snapshot') this.#succeed(hub);
    if (hub !== this.#current) return;
    // A server that takes a connection speaks at once; one that refuses it takes it first and then closes it, which is one more failure.
    if (name === 'Snapshot' || name === 'Freshness') this.#attempts = 0;
    this.#events.onMessage(name, message);
  }

  async #connect(hub: Hub): Promise<void> {
    for (;;) {
      // Leaving the page drops the pause, and with it the rest of this loop.
      await this.#timers.pause(retryDelayMs(this.#attempts, Math.random()));
      this.#attempts++;
      try {
        await hub.start();
      } catch (error) {
        if (hub !== this.#current) return;
        this.#events.onLost(refusalOf(error));
        continue;
      }
      if (hub === this.#current) this.#rise(hub);
      else void hub.stop();
      return;
    }
  }

  #rise(hub: Hub): void {
    this.#isUp = true;
    this.#planRenewal(hub);
    this.#events.onUp();
  }

  #lose(refusal: string | null): void {
    this.#isUp = false;
    this.#cancelRenewal();
    if (this.#next !== null) void this.#next.stop();
    this.#next = null;
    this.#events.onLost(refusal);
  }

  #planRenewal(hub: Hub): void {
    this.#cancelRenewal();
    const expiresAt = hub.expiresAt();
    if (expiresAt === null) return;
    const wait = Math.max(leastRenewalMs, expiresAt - renewAheadMs - Date.now());
    this.#cancelRenewal = this.#timers.after(Math.min(wait, longestTimerMs), () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const next = this.#create();
    this.#next = next;
    this.#timers.after(introductionMs, () => this.#drop(next));
    try {
      await next.start();
      const isAsked = this.#next === next && (await this.#events.introduce(next));
      if (!isAsked && this.#next === next) this.#succeed(next);
    } catch {
      this.#drop(next);
    }
    // It was given up while it came up.
    if (next !== this.#current && next !== this.#next) void next.stop();
  }

  #succeed(next: Hub): void {
    const old = this.#current;
    this.#current = next;
    this.#next = null;
    void old?.stop();
    this.#planRenewal(next);
    this.#events.onSucceeded();
  }

  /** Gives up a successor; the connection that is there goes on, and another successor is tried. */
  #drop(hub: Hub): void {
    if (hub !== this.#next) return;
    this.#next = null;
    void hub.stop();
    if (this.#current !== null) this.#planRenewal(this.#current);
  }
}
