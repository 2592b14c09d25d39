import { describe, expect, it } from 'vitest';
import { readArray, readInstant, readNullable, readNumber, readObject, readString, ShapeError } from './read';

const noon = Date.UTC(2026, 2, 1, 12, 0, 0);

describe('readInstant', () => {
  it.each([
    ['RFC 3339 with Z', '2026-03-01T12:00:00Z', noon],
    ['RFC 3339 with an offset', '2026-03-01T14:00:00+02:00', noon],
    ['seven digits of a second', '2026-03-01T12:00:00.1234567Z', noon + 123],
    ['a MessagePack timestamp', new Date(noon), noon],
    ['a wall time and its offset', [new Date(noon + 7_200_000), 120], noon],
  ])('takes %s', (_name, value, expected) => expect(readInstant(value, 'at')).toBe(expected));

  it.each([['', 'noon', 12, null, undefined, {}, new Date(NaN), [1]]].flat().map((v) => [v]))('refuses %j', (value) =>
    expect(() => readInstant(value, 'at')).toThrow(ShapeError));
});

describe('readers', () => {
  it('refuse what is not a finite number', () => {
    for (const value of [NaN, Infinity, '1', null, undefined, {}]) expect(() => readNumber(value, 'n')).toThrow(ShapeError);
  });
  it('take a large integer', () => expect(readNumber(12n, 'n')).toBe(12));
  it('keep null apart from wrong', () => {
    expect(readNullable(null, 'n', readNumber)).toBeNull();
    expect(readNullable(undefined, 'n', readNumber)).toBeNull();
    expect(() => readNullable('x', 'n', readNumber)).toThrow(ShapeError);
  });
  it('name the place of the fault', () =>
    expect(() => readArray(['a', 1], 'groups', readString)).toThrow('groups[1] is not a string'));
  it('refuse lists and null as objects', () => {
    for (const value of [[], null, 'x', 1]) expect(() => readObject(value, 'o')).toThrow(ShapeError);
  });
});
