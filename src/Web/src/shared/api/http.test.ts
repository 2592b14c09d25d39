import { describe, expect, it, vi } from 'vitest';
import { authorizedFetch, readBody } from './http';

const request = () => new Request('http://localhost/api', { method: 'POST', body: '{"a":1}' });
const answers = (...statuses: number[]) => vi.fn((_request: Request) => Promise.resolve(new Response(null, { status: statuses.shift() ?? 500 })));
const sent = (send: ReturnType<typeof answers>) => send.mock.calls.map(([each]) => each.headers.get('authorization'));

describe('authorizedFetch', () => {
  it('carries the token', async () => {
    const send = answers(200);
    await authorizedFetch({ token: () => Promise.resolve('one'), replace: () => Promise.resolve('two') }, send)(request());
    expect(sent(send)).toEqual(['Bearer one']);
  });
  it('tries once more with a new token, with the same body', async () => {
    const send = answers(401, 200);
    const response = await authorizedFetch({ token: () => Promise.resolve('one'), replace: () => Promise.resolve('two') }, send)(request());
    expect(response.status).toBe(200);
    expect(sent(send)).toEqual(['Bearer one', 'Bearer two']);
    expect(await send.mock.calls[1]?.[0].text()).toBe('{"a":1}');
  });
  it.each([[null], ['one']])('gives the refusal when the new token is %j', async (renewed) => {
    const send = answers(401);
    const response = await authorizedFetch({ token: () => Promise.resolve('one'), replace: () => Promise.resolve(renewed) }, send)(request());
    expect(response.status).toBe(401);
    expect(send).toHaveBeenCalledOnce();
  });
  it('does not try twice', async () => {
    const send = answers(401, 401, 200);
    await authorizedFetch({ token: () => Promise.resolve('one'), replace: () => Promise.resolve('two') }, send)(request());
    expect(send).toHaveBeenCalledTimes(2);
  });
  it('sends nothing secret when nobody is signed in', async () => {
    const send = answers(401);
    await authorizedFetch({ token: () => Promise.resolve(null), replace: () => Promise.resolve('two') }, send)(request());
    expect(sent(send)).toEqual([null]);
  });
});

describe('readBody', () => {
  it('gives JSON', async () => expect(await readBody(Response.json({ a: 1 }), 0)).toEqual({ a: 1 }));
  it('gives null for nothing', async () => expect(await readBody(new Response(null, { status: 204 }), 0)).toBeNull());
  it('throws the problem', () =>
    expect(readBody(Response.json({ type: '/problems/bad-credentials', title: 'No' }, { status: 401 }), 0)).rejects.toMatchObject({
      problem: { status: 401, type: '/problems/bad-credentials' },
    }));
});
