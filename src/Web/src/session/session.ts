import { readNumber, readObject, readString } from '../shared/parse/read';

export interface Session {
  readonly userName: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Local instant, milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Tokens are renewed this long before they expire, so that no request leaves with one that dies on its way. */
const renewAheadMs = 60_000;

export function readTokenPair(value: unknown, userName: string, now: number): Session {
  const fields = readObject(value, 'tokens');
  return {
    userName,
    accessToken: readString(fields['accessToken'], 'accessToken'),
    refreshToken: readString(fields['refreshToken'], 'refreshToken'),
    expiresAt: now + readNumber(fields['expiresIn'], 'expiresIn') * 1_000,
  };
}

export function parseSession(text: string | null): Session | null {
  if (text === null) return null;
  try {
    const fields = readObject(JSON.parse(text), 'session');
    return {
      userName: readString(fields['userName'], 'userName'),
      accessToken: readString(fields['accessToken'], 'accessToken'),
      refreshToken: readString(fields['refreshToken'], 'refreshToken'),
      expiresAt: readNumber(fields['expiresAt'], 'expiresAt'),
    };
  } catch {
    // A session that cannot be read is no session: the reader signs in again.
    return null;
  }
}

export function isFresh(session: Session, now: number): boolean {
  return session.expiresAt - now > renewAheadMs;
}
