import createClient, { type Client } from 'openapi-fetch';
import { authorizedFetch, type Tokens } from './http';
import { ApiError, toProblem } from './problem';
import type { components, paths } from './schema';

type Views = components['schemas'];

/** What this page reads of a position and of a vehicle. */
export type Position = Pick<Views['PositionView'], 'vehicleId' | 'fixedAt' | 'receivedAt' | 'lat' | 'lon' | 'speed' | 'heading' | 'accuracy'>;
export type Vehicle = Pick<Views['VehicleView'], 'id' | 'name' | 'deviceId' | 'groups' | 'status'> & { readonly position: Position | null };
export type Api = Client<paths>;

export function createApi(apiUrl: string, tokens: Tokens): Api {
  return createClient<paths>({ baseUrl: apiUrl, fetch: authorizedFetch(tokens, (request) => fetch(request)) });
}

/** The data of an answer, or its problem as an exception, as the query cache wants it. */
export function dataOf<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data !== undefined) return answer.data;
  throw new ApiError(toProblem(answer.response, answer.error, Date.now()));
}
