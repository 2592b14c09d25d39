import createClient, { type Client } from 'openapi-fetch';
import { authorizedFetch, type Tokens } from './http';
import { ApiError, toProblem } from './problem';
import type { components, paths } from './schema';

export type Vehicle = components['schemas']['Vehicle'];
export type Position = components['schemas']['Position'];
export type Api = Client<paths>;

export function createApi(apiUrl: string, tokens: Tokens): Api {
  return createClient<paths>({ baseUrl: apiUrl, fetch: authorizedFetch(tokens, (request) => fetch(request)) });
}

/** The data of an answer, or its problem as an exception, as the query cache wants it. */
export function dataOf<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data !== undefined) return answer.data;
  throw new ApiError(toProblem(answer.response, answer.error, Date.now()));
}
