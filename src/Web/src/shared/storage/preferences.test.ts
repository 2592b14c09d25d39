// @vitest-environment jsdom
import { expect, it } from 'vitest';
import { parsePreferences } from './preferences';

const defaults = { theme: 'system', units: 'metric', panelFolded: false };

it.each([[null], [''], ['not json'], ['7'], ['null'], ['{"theme":"pink","units":3}']])('reads %j as the defaults', (text) =>
  expect(parsePreferences(text)).toEqual(defaults));

it('keeps what it knows', () =>
  expect(parsePreferences('{"theme":"dark","units":"imperial","panelFolded":true,"other":1}')).toEqual({
    theme: 'dark', units: 'imperial', panelFolded: true,
  }));
