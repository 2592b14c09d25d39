import { expect, it } from 'vitest';
import { instantOf, numberOf } from './wire';

it.each([[1.5, 1.5], ['1.5', 1.5], [0, 0], ['0', 0], [null, null], [undefined, null], ['', null], ['north', null], [Infinity, null]])(
  'the number of %j is %j', (value, number) => expect(numberOf(value)).toBe(number));

it('an instant is in milliseconds, and anything else is none', () => {
  expect(instantOf('1970-01-01T00:00:01Z')).toBe(1_000);
  expect(instantOf('soon')).toBeNaN();
  expect(instantOf(null)).toBeNaN();
});
