import { expect, it } from 'vitest';
import { retryDelayMs } from './retry';

it.each([[0, 0], [1, 1_000], [2, 2_000], [3, 4_000], [4, 8_000], [5, 15_000], [6, 15_000], [1_000_000, 15_000]])(
  'attempt %d waits about %d ms', (attempt, delay) => expect(retryDelayMs(attempt, 0.5)).toBe(delay));

it('is spread by a quarter to both sides', () => {
  expect(retryDelayMs(5, 0)).toBe(11_250);
  expect(retryDelayMs(5, 1)).toBe(18_750);
});
