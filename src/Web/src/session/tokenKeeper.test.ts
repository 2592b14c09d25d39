import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../shared/api/problem';
import type { Session } from './session';
import { TokenKeeper, type ExclusiveRun } from './tokenKeeper';

const minute = 60_000;
const session = (n: number, expiresAt: number): Session => ({
  userName: 'ada', accessToken: `access-${n}`, refreshToken: `refresh-${n}`, expiresAt,
});
const failure = (status: number) =>
  new ApiError({ status, type: 'about:blank', title: 'no', detail: null, retryAfterSeconds: null });

let stored: Session | null;
let now: number;
const storage = { read: () => stored, write: (next: Session | null) => void (stored = next) };
const refresh = vi.fn<(spent: Session) => Promise<Session>>();
const inTurn = (): ExclusiveRun => {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const run = last.then(task, task);
    last = run.catch(() => undefined);
    return run;
  };
};
const exclusively = inTurn();
const tab = () => new TokenKeeper({ storage, exclusively, refresh, now: () => now });

beforeEach(() => {
  now = 0;
  stored = session(1, 15 * minute);
  refresh.mockReset().mockImplementation((spent) =>
    Promise.resolve(session(Number(spent.refreshToken.split('-')[1]) + 1, now + 15 * minute)));
});

describe('token', () => {
  it('is null when nobody is signed in', async () => {
    stored = null;
    expect(await tab().token()).toBeNull();
    expect(refresh).not.toHaveBeenCalled();
  });
  it('is the stored one while it is fresh', async () => {
    now = 13 * minute;
    expect(await tab().token()).toBe('access-1');
    expect(refresh).not.toHaveBeenCalled();
  });
  it.each([[14 * minute], [15 * minute], [900 * minute]])('is renewed ahead of its end, at %d', async (at) => {
    now = at;
    expect(await tab().token()).toBe('access-2');
    expect(stored?.refreshToken).toBe('refresh-2');
  });
  it('is renewed once for everyone who asks in a tab', async () => {
    now = 14.5 * minute;
    const keeper = tab();
    expect(await Promise.all([keeper.token(), keeper.token(), keeper.replace('access-1')])).toEqual(['access-2', 'access-2', 'access-2']);
    expect(refresh).toHaveBeenCalledOnce();
  });
  it('is renewed once for all tabs: no refresh token is spent twice', async () => {
    now = 14.5 * minute;
    expect(await Promise.all([tab().token(), tab().token(), tab().token()])).toEqual(['access-2', 'access-2', 'access-2']);
    expect(refresh.mock.calls.map(([spent]) => spent.refreshToken)).toEqual(['refresh-1']);
  });
});

describe('a token that the server refused', () => {
  it('is replaced although it looks fresh', async () => expect(await tab().replace('access-1')).toBe('access-2'));
  it('is not replaced again when another tab already did', async () => {
    stored = session(5, 15 * minute);
    expect(await tab().replace('access-1')).toBe('access-5');
    expect(refresh).not.toHaveBeenCalled();
  });
});

describe('a refresh that fails', () => {
  it.each([[400], [401], [403]])('with %d ends the session', async (status) => {
    refresh.mockRejectedValue(failure(status));
    expect(await tab().replace('access-1')).toBeNull();
    expect(stored).toBeNull();
  });
  it.each([[429], [500], [503]])('with %d keeps the session', async (status) => {
    now = 16 * minute;
    refresh.mockRejectedValue(failure(status));
    await expect(tab().token()).rejects.toThrow();
    expect(stored?.refreshToken).toBe('refresh-1');
  });
  it('keeps the old token while it lives, when the server is away', async () => {
    now = 14.5 * minute;
    refresh.mockRejectedValue(new TypeError('fetch failed'));
    expect(await tab().token()).toBe('access-1');
  });
  it('is tried again', async () => {
    now = 16 * minute;
    refresh.mockRejectedValueOnce(new TypeError('fetch failed'));
    const keeper = tab();
    await expect(keeper.token()).rejects.toThrow('fetch failed');
    expect(await keeper.token()).toBe('access-2');
  });
  it('does not end a session that another tab began meanwhile', async () => {
    refresh.mockImplementation(() => {
      stored = session(9, 15 * minute);
      return Promise.reject(failure(401));
    });
    expect(await tab().replace('access-1')).toBe('access-9');
    expect(stored?.refreshToken).toBe('refresh-9');
  });
});

it('whoever signs out during a refresh stays signed out', async () => {
  refresh.mockImplementation(() => {
    stored = null;
    return Promise.resolve(session(2, 15 * minute));
  });
  expect(await tab().replace('access-1')).toBeNull();
  expect(stored).toBeNull();
});
