import { parseSession, type Session } from './session';
import type { SessionStorage } from './tokenKeeper';

const storageKey = 'fleettracker.session';

/** The session of this browser, shared by its tabs: who signs out in one is signed out in all. */
export class SessionStore implements SessionStorage {
  readonly #listeners = new Set<() => void>();
  #text: string | null = null;
  #session: Session | null = null;

  constructor() {
    window.addEventListener('storage', (event) => {
      if (event.key === storageKey || event.key === null) this.#notify();
    });
  }

  /** Always from the storage, since another tab may have renewed it; the same text gives the same object. */
  readonly read = (): Session | null => {
    const text = localStorage.getItem(storageKey);
    if (text !== this.#text) {
      this.#text = text;
      this.#session = parseSession(text);
    }
    return this.#session;
  };

  write(session: Session | null): void {
    if (session === null) localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, JSON.stringify(session));
    this.#notify();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
