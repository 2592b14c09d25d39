import { describe, expect, it } from 'vitest';
import { ageInWords, clockTime } from './age';

describe('ageInWords', () => {
  it.each([
    [-5_000, 'now'], [0, 'now'], [1_499, 'now'], [1_500, '1 s ago'], [12_900, '12 s ago'], [59_999, '59 s ago'],
    [60_000, '1 min ago'], [3_599_999, '59 min ago'], [3_600_000, '1 h ago'], [86_399_999, '23 h ago'],
    [86_400_000, 'yesterday'], [172_800_000, '2 days ago'],
  ])('%d ms is %s', (ageMs, words) => expect(ageInWords(ageMs)).toBe(words));
});

describe('clockTime', () => {
  it('adds the date when it is another day', () => {
    const at = new Date(2026, 2, 1, 12, 0, 0).getTime();
    expect(clockTime(at, at + 1_000)).not.toContain('2026');
    expect(clockTime(at, at + 86_400_000)).toContain('2026');
  });
});
