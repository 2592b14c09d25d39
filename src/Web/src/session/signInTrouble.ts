import { ApiError, describeError } from '../shared/api/problem';

/** Why signing in did not work, and what to do. */
export interface SignInTrouble {
  readonly what: string;
  readonly next: string;
  readonly waitSeconds: number;
}

const defaultWaitSeconds = 30;

export function explainSignIn(error: unknown): SignInTrouble {
  if (!(error instanceof ApiError)) {
    return { what: describeError(error), next: 'Check the network, then try again. What you typed is kept.', waitSeconds: 0 };
  }
  const { status, type, retryAfterSeconds } = error.problem;
  if (type === '/problems/bad-credentials' || status === 401) {
    return { what: 'User name and password do not match.', next: 'Check both and try again.', waitSeconds: 0 };
  }
  if (status === 429) {
    return { what: 'Too many attempts.', next: 'Wait a moment before the next one.', waitSeconds: retryAfterSeconds ?? defaultWaitSeconds };
  }
  if (status === 503) {
    return { what: 'The server is starting or busy.', next: 'Try again in a moment.', waitSeconds: retryAfterSeconds ?? 0 };
  }
  return { what: error.message, next: 'What you typed is kept.', waitSeconds: 0 };
}
