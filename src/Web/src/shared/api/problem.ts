/** RFC 9457 problem as the page uses it; `type` is what code switches on. */
export interface Problem {
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly detail: string | null;
  readonly retryAfterSeconds: number | null;
}

export class ApiError extends Error {
  override name = 'ApiError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail ?? problem.title);
    this.problem = problem;
  }
}

/** Reads what a failed response says. A proxy in between may answer with anything, or nothing. */
export function toProblem(response: Response, body: unknown, now: number): Problem {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : null);
  return {
    status: response.status,
    type: text('type') ?? 'about:blank',
    title: text('title') ?? `The server answered ${response.status}.`,
    detail: text('detail'),
    retryAfterSeconds: retryAfter(response.headers.get('retry-after'), now),
  };
}

/** Seconds from a Retry-After header, which holds either seconds or a date. */
export function retryAfter(header: string | null, now: number): number | null {
  if (header === null || header.trim() === '') return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, Math.ceil(seconds));
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1_000));
}

/** What happened, in a sentence for the reader of the page. */
export function describeError(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  if (error instanceof TypeError) return 'The server cannot be reached.';
  return 'Something unexpected happened.';
}
