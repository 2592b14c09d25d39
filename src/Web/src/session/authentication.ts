import type { AppConfig } from '../shared/config/appConfig';
import { readBody } from '../shared/api/http';
import { browserExclusive } from './exclusive';
import { readTokenPair, type Session } from './session';
import { SessionStore } from './sessionStore';
import { TokenKeeper } from './tokenKeeper';

/** Signing in and out, and the tokens in between. */
export class Authentication {
  readonly store = new SessionStore();
  readonly tokens: TokenKeeper;
  readonly #apiUrl: string;

  constructor({ apiUrl }: AppConfig) {
    this.#apiUrl = apiUrl;
    this.tokens = new TokenKeeper({
      storage: this.store,
      exclusively: browserExclusive('fleettracker.refresh'),
      refresh: (session) => this.#post('refresh', { refreshToken: session.refreshToken }, session.userName),
      now: Date.now,
    });
  }

  async signIn(userName: string, password: string): Promise<void> {
    this.store.write(await this.#post('login', { userName, password }, userName));
  }

  /** Signed out here at once; the server is told, and if it cannot be reached its token simply expires. */
  async signOut(): Promise<void> {
    const session = this.store.read();
    this.store.write(null);
    if (session === null) return;
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${session.accessToken}` };
    const body = JSON.stringify({ refreshToken: session.refreshToken });
    await fetch(`${this.#apiUrl}/api/v1/auth/logout`, { method: 'POST', headers, body, keepalive: true }).catch(() => undefined);
  }

  /** By the link of an invitation. Whoever is signed in on this page is signed out: all sessions of the user end, and it may be the same one. */
  async choosePassword(token: string, password: string): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${this.#apiUrl}/api/v1/auth/password`, { method: 'POST', headers, body: JSON.stringify({ token, password }) });
    await readBody(response, Date.now());
    await this.signOut();
  }

  async #post(path: string, body: object, userName: string): Promise<Session> {
    const response = await fetch(`${this.#apiUrl}/api/v1/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return readTokenPair(await readBody(response, Date.now()), userName, Date.now());
  }
}
