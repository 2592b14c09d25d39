import { QueryClient } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { Authentication } from '../session/authentication';
import { createApi, type Api } from '../shared/api/client';
import { ApiError } from '../shared/api/problem';
import type { AppConfig } from '../shared/config/appConfig';

/** What the pages share. */
export interface Services {
  readonly config: AppConfig;
  readonly authentication: Authentication;
  readonly api: Api;
  readonly queries: QueryClient;
}

export function createServices(config: AppConfig): Services {
  const authentication = new Authentication(config);
  const isWorthRetrying = (failures: number, error: Error) =>
    failures < 3 && !(error instanceof ApiError && error.problem.status < 500 && error.problem.status !== 429);
  return {
    config,
    authentication,
    api: createApi(config.apiUrl, authentication.tokens),
    queries: new QueryClient({ defaultOptions: { queries: { retry: isWorthRetrying, staleTime: 5_000 } } }),
  };
}

const ServicesContext = createContext<Services | null>(null);

export const ServicesProvider = ServicesContext.Provider;

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === null) throw new Error('No services around this component.');
  return services;
}
