import { expect, it } from 'vitest';
import { ApiError } from '../shared/api/problem';
import { explainSignIn } from './signInTrouble';

const failure = (status: number, type = 'about:blank', retryAfterSeconds: number | null = null) =>
  new ApiError({ status, type, title: 'Title', detail: null, retryAfterSeconds });

it.each([
  [failure(401, '/problems/bad-credentials'), 'User name and password do not match.', 0],
  [failure(401), 'User name and password do not match.', 0],
  [failure(429, '/problems/too-many-attempts', 12), 'Too many attempts.', 12],
  [failure(429), 'Too many attempts.', 30],
  [failure(503, 'about:blank', 3), 'The server is starting or busy.', 3],
  [failure(500), 'Title', 0],
  [new TypeError('fetch failed'), 'The server cannot be reached.', 0],
  [new Error('x'), 'Something unexpected happened.', 0],
])('%s', (error, what, waitSeconds) => expect(explainSignIn(error)).toMatchObject({ what, waitSeconds }));
