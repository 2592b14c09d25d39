import { readNullable, readNumber, readObject, readString, ShapeError } from '../parse/read';

export interface AppConfig {
  /** Origin of the API without a trailing slash; empty for the origin of the page. */
  readonly apiUrl: string;
  readonly hubUrl: string;
  /** A MapLibre style or a raster tile template; null draws the bundled map alone. */
  readonly mapStyleUrl: string | null;
  /** Where trackers connect; an empty host is the host of the page. */
  readonly mqttHost: string;
  readonly mqttPort: number;
}

export const defaultConfig: AppConfig = { apiUrl: '', hubUrl: '/hubs/live', mapStyleUrl: null, mqttHost: '', mqttPort: 1883 };

export function parseConfig(value: unknown): AppConfig {
  const fields = readObject(value, 'config.json');
  const text = (name: keyof AppConfig) => readNullable(fields[name], name, readString);
  const apiUrl = (text('apiUrl') ?? '').replace(/\/+$/, '');
  if (apiUrl !== '' && !/^https?:\/\//.test(apiUrl)) throw new ShapeError(`apiUrl '${apiUrl}' does not begin with http:// or https://`);
  const hubUrl = text('hubUrl') ?? defaultConfig.hubUrl;
  return {
    apiUrl,
    hubUrl: hubUrl.startsWith('/') ? `${apiUrl}${hubUrl}` : hubUrl,
    mapStyleUrl: text('mapStyleUrl') === '' ? null : text('mapStyleUrl'),
    mqttHost: text('mqttHost') ?? defaultConfig.mqttHost,
    mqttPort: readNullable(fields.mqttPort, 'mqttPort', readNumber) ?? defaultConfig.mqttPort,
  };
}

/** A host that has no configuration (a plain file server answers 404, or its own page) means the defaults; a broken one must be said. */
export async function loadConfig(fetchConfig: typeof fetch): Promise<AppConfig> {
  const response = await fetchConfig('/config.json', { cache: 'no-cache' });
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  if (response.status === 404 || (response.ok && !isJson)) return defaultConfig;
  if (!response.ok) throw new Error(`The server answered ${response.status} for its configuration.`);
  return parseConfig(await response.json());
}
