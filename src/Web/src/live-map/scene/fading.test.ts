import { expect, it } from 'vitest';
import { opacityByAge, ownInterval, withInterval } from './fading';

it.each([
  [0, 10_000, 1], [30_000, 10_000, 1], [30_001, 10_000, 0.75], [60_001, 10_000, 0.55], [120_001, 10_000, 0.4],
  [15_000, 1_000, 1], [15_001, 1_000, 0.75], [180_000, null, 1], [180_001, null, 0.75], [-2_000, 10_000, 1],
])('%d ms old at an interval of %s is drawn with %d', (age, interval, opacity) => expect(opacityByAge(age, interval)).toBe(opacity));

it('takes the middle of the last intervals, so that one gap does not count', () =>
  expect(ownInterval([10_000, 11_000, 600_000, 10_000, 9_000])).toBe(10_000));

it('knows nothing from one fix', () => expect(ownInterval([])).toBeNull());

it('remembers the last five and no corrections', () => {
  const five = [1, 2, 3, 4, 5];
  expect(withInterval(five, 6)).toEqual([2, 3, 4, 5, 6]);
  expect(withInterval(five, 0)).toBe(five);
  expect(withInterval(five, -5)).toBe(five);
});
