import { expect, it } from 'vitest';
import { refusalOf } from './refusal';

it.each([
  [new Error('Server returned an error on close: This host is full.'), 'This host is full.'],
  [new Error('Server returned an error on close: Connection closed with an error. HubException: This host is full.'), 'This host is full.'],
  [new Error('WebSocket closed with status code: 1006 (no reason given).'), null],
  [undefined, null],
])('the reason in %s is %s', (error, reason) => expect(refusalOf(error)).toBe(reason));
