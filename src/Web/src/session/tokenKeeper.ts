import { ApiError } from '../shared/api/problem';
import { isFresh, type Session } from './session';

/** Where the session of all tabs lives. */
export interface SessionStorage {
  read(): Session | null;
  write(session: Session | null): void;
}

/** Runs one task at a time among all tabs. */
export type ExclusiveRun = <T>(task: () => Promise<T>) => Promise<T>;

export interface TokenKeeperPorts {
  readonly storage: SessionStorage;
  readonly exclusively: ExclusiveRun;
  readonly refresh: (session: Session) => Promise<Session>;
  readonly now: () => number;
}

/**
 * Hands out access tokens and renews them. A refresh token works once, so only one tab may spend it: the others wait and then find
 * what it brought in the storage.
 */
export class TokenKeeper {
  readonly #ports: TokenKeeperPorts;
  #running: Promise<string | null> | null = null;

  constructor(ports: TokenKeeperPorts) {
    this.#ports = ports;
  }

  /** An access token, or null when nobody is signed in. Throws when the server cannot be reached to renew it. */
  async token(): Promise<string | null> {
    const session = this.#ports.storage.read();
    if (session === null) return null;
    return isFresh(session, this.#ports.now()) ? session.accessToken : this.replace(session.accessToken);
  }

  /** Another token than the one that was refused or is about to expire; null when the session has ended. */
  replace(refused: string): Promise<string | null> {
    this.#running ??= this.#ports.exclusively(() => this.#renew(refused)).finally(() => (this.#running = null));
    return this.#running;
  }

  async #renew(refused: string): Promise<string | null> {
    const { storage, refresh, now } = this.#ports;
    const session = storage.read();
    if (session === null) return null;
    if (session.accessToken !== refused && isFresh(session, now())) return session.accessToken;
    try {
      const renewed = await refresh(session);
      // Whoever signed out meanwhile stays signed out.
      if (storage.read()?.refreshToken !== session.refreshToken) return storage.read()?.accessToken ?? null;
      storage.write(renewed);
      return renewed.accessToken;
    } catch (error) {
      if (!endsSession(error)) {
        // The old token may live on for a while; a server that is away must not sign anyone out.
        if (session.accessToken !== refused || now() >= session.expiresAt) throw error;
        return session.accessToken;
      }
      if (storage.read()?.refreshToken === session.refreshToken) storage.write(null);
      return storage.read()?.accessToken ?? null;
    }
  }
}

function endsSession(error: unknown): boolean {
  return error instanceof ApiError && (error.problem.status === 401 || error.problem.status === 400 || error.problem.status === 403);
}
