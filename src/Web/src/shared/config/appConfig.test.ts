import { describe, expect, it } from 'vitest';
import { defaultConfig, loadConfig, parseConfig } from './appConfig';

const answer = (body: string, status: number, type: string) => () =>
  Promise.resolve(new Response(body, { status, headers: { 'content-type': type } }));

describe('parseConfig', () => {
  it('reads the same origin', () =>
    expect(parseConfig({ apiUrl: '', hubUrl: '/hubs/live', mapStyleUrl: null })).toEqual(defaultConfig));
  it('puts a relative hub on the origin of the API', () =>
    expect(parseConfig({ apiUrl: 'https://api.example/', hubUrl: '/ws' })).toEqual({
      apiUrl: 'https://api.example', hubUrl: 'https://api.example/ws', mapStyleUrl: null, mqttHost: '', mqttPort: 1883,
    }));
  it('keeps an absolute hub', () =>
    expect(parseConfig({ hubUrl: 'https://push.example/live' }).hubUrl).toBe('https://push.example/live'));
  it('reads where trackers connect', () =>
    expect(parseConfig({ mqttHost: 'mqtt.example', mqttPort: 8883 })).toMatchObject({ mqttHost: 'mqtt.example', mqttPort: 8883 }));
  it('reads empty as unset', () => expect(parseConfig({ mapStyleUrl: '' }).mapStyleUrl).toBeNull());
  it.each([[null], [[]], ['x'], [{ apiUrl: 7 }], [{ apiUrl: 'api.example' }], [{ mapStyleUrl: {} }], [{ mqttPort: '1883' }]])('refuses %j', (value) =>
    expect(() => parseConfig(value)).toThrow());
});

describe('loadConfig', () => {
  it('falls back where no configuration is served', async () => {
    expect(await loadConfig(answer('', 404, 'text/plain'))).toEqual(defaultConfig);
    expect(await loadConfig(answer('<!doctype html>', 200, 'text/html'))).toEqual(defaultConfig);
  });
  it('says that the server failed', () =>
    expect(loadConfig(answer('', 503, 'text/plain'))).rejects.toThrow('503'));
  it('says that the configuration is wrong', () =>
    expect(loadConfig(answer('{"apiUrl":1}', 200, 'application/json'))).rejects.toThrow('apiUrl'));
});
