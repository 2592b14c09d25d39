import { expect, it } from 'vitest';
import { readPasswordLink } from './passwordLink';

it.each([
  ['/password', '#abc_-9', 'abc_-9'],
  ['/password', '#', null],
  ['/password', '', null],
  ['/', '#abc', null],
  ['/password/', '#abc', null],
])('reads %s%s', (pathname, hash, token) => expect(readPasswordLink({ pathname, hash })).toBe(token));
