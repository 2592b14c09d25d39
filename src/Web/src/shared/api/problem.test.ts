import { describe, expect, it } from 'vitest';
import { ApiError, describeError, retryAfter, toProblem } from './problem';

const now = Date.UTC(2026, 2, 1, 12, 0, 0);

it.each([
  [null, null], ['', null], ['5', 5], ['0', 0], ['-3', 0], ['1.2', 2], ['Sun, 01 Mar 2026 12:00:30 GMT', 30],
  ['Sun, 01 Mar 2026 11:00:00 GMT', 0], ['soon', null],
])('Retry-After %j is %s seconds', (header, seconds) => expect(retryAfter(header, now)).toBe(seconds));

describe('toProblem', () => {
  it('reads problem details', () => {
    const response = new Response(null, { status: 429, headers: { 'retry-after': '7' } });
    expect(toProblem(response, { type: '/problems/too-many', title: 'Too many', detail: 'Wait.' }, now)).toEqual({
      status: 429, type: '/problems/too-many', title: 'Too many', detail: 'Wait.', retryAfterSeconds: 7,
    });
  });
  it.each([[null], [undefined], ['<html>'], [{ title: 7 }]])('makes do with %j', (body) =>
    expect(toProblem(new Response(null, { status: 502 }), body, now)).toMatchObject({
      type: 'about:blank', title: 'The server answered 502.', detail: null,
    }));
});

it('describes errors in words', () => {
  const problem = toProblem(new Response(null, { status: 500 }), null, now);
  expect(describeError(new ApiError(problem))).toBe('The server answered 500.');
  expect(describeError(new TypeError('fetch failed'))).toBe('The server cannot be reached.');
  expect(describeError('x')).toBe('Something unexpected happened.');
});
