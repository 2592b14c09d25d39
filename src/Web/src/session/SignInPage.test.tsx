// @vitest-environment jsdom
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createServices, ServicesProvider } from '../app/services';
import { defaultConfig } from '../shared/config/appConfig';
import { faultsOf } from '../testAccessibility';
import { SignInPage } from './SignInPage';

const send = vi.fn<typeof fetch>();
const problem = (status: number, type: string, headers: Record<string, string> = {}) =>
  Response.json({ type, title: 'No', status }, { status, headers: { ...headers, 'content-type': 'application/problem+json' } });

beforeEach(() => vi.stubGlobal('fetch', send.mockReset()));
afterEach(() => void vi.unstubAllGlobals());

async function signIn() {
  const services = createServices(defaultConfig);
  const { container } = render(<ServicesProvider value={services}><SignInPage /></ServicesProvider>);
  await userEvent.type(screen.getByTestId('sign-in-user'), ' ada ');
  await userEvent.type(screen.getByTestId('sign-in-password'), 'secret{Enter}');
  return { services, container };
}

it('keeps the session that the server opens', async () => {
  send.mockResolvedValue(Response.json({ accessToken: 'a', refreshToken: 'r', expiresIn: 900 }));
  const { services } = await signIn();
  await waitFor(() => expect(services.authentication.store.read()).toMatchObject({ userName: 'ada', accessToken: 'a' }));
  expect(send.mock.calls[0]?.[1]?.body).toBe('{"userName":"ada","password":"secret"}');
});

it('loses nothing that was typed when the password is wrong', async () => {
  send.mockResolvedValue(problem(401, '/problems/bad-credentials'));
  await signIn();
  expect((await screen.findByTestId('sign-in-error')).textContent).toContain('do not match');
  expect(screen.getByTestId<HTMLInputElement>('sign-in-user').value).toBe(' ada ');
  expect(screen.getByTestId<HTMLInputElement>('sign-in-password').value).toBe('secret');
});

it('waits as long as the server asks for', async () => {
  send.mockResolvedValue(problem(429, '/problems/too-many-attempts', { 'retry-after': '12' }));
  await signIn();
  await screen.findByTestId('sign-in-error');
  expect(screen.getByTestId<HTMLButtonElement>('sign-in-submit')).toMatchObject({ disabled: true, textContent: 'Try again in 12 s' });
});

it('says that the server cannot be reached', async () => {
  send.mockRejectedValue(new TypeError('fetch failed'));
  await signIn();
  expect((await screen.findByTestId('sign-in-error')).textContent).toContain('cannot be reached');
});

it('is accessible, also with an error', async () => {
  send.mockResolvedValue(problem(401, '/problems/bad-credentials'));
  const { container } = await signIn();
  await screen.findByTestId('sign-in-error');
  expect(await faultsOf(container)).toEqual([]);
});
