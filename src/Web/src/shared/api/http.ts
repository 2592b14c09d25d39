import { ApiError, toProblem } from './problem';

/** The body of a response, or the problem that it tells. */
export async function readBody(response: Response, now: number): Promise<unknown> {
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  const body: unknown = isJson ? await response.json().catch(() => null) : null;
  if (!response.ok) throw new ApiError(toProblem(response, body, now));
  return body;
}

export interface Tokens {
  token(): Promise<string | null>;
  replace(refused: string): Promise<string | null>;
}

/** Sends requests with the access token, and once more with a new one when the server refuses the first. */
export function authorizedFetch(tokens: Tokens, send: (request: Request) => Promise<Response>): (request: Request) => Promise<Response> {
  const withToken = (request: Request, token: string) => {
    const copy = request.clone();
    copy.headers.set('authorization', `Bearer ${token}`);
    return send(copy);
  };
  return async (request) => {
    const token = await tokens.token();
    if (token === null) return send(request);
    const response = await withToken(request, token);
    if (response.status !== 401) return response;
    const renewed = await tokens.replace(token);
    return renewed === null || renewed === token ? response : withToken(request, renewed);
  };
}
