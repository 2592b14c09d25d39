// @vitest-environment jsdom
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createServices, ServicesProvider } from '../app/services';
import { defaultConfig } from '../shared/config/appConfig';
import { faultsOf } from '../testAccessibility';
import { ChoosePasswordPage } from './ChoosePasswordPage';

const send = vi.fn<typeof fetch>();
const leave = vi.fn();

beforeEach(() => {
  leave.mockReset();
  vi.stubGlobal('fetch', send.mockReset());
});
afterEach(() => void vi.unstubAllGlobals());

function open() {
  const services = createServices(defaultConfig);
  return render(<ServicesProvider value={services}><ChoosePasswordPage token="t0" leave={leave} /></ServicesProvider>);
}

const choose = async () => {
  await userEvent.type(screen.getByTestId('password-new'), 'long enough');
  await userEvent.click(screen.getByTestId('password-submit'));
};

it('sends the password with the token of the link and leads to sign-in', async () => {
  send.mockResolvedValue(new Response(null, { status: 204 }));
  open();
  await choose();
  expect((await screen.findByTestId('password-outcome')).textContent).toContain('is set');
  expect(send.mock.calls[0]?.[0]).toBe('/api/v1/auth/password');
  expect(send.mock.calls[0]?.[1]?.body).toBe('{"token":"t0","password":"long enough"}');
  await userEvent.click(screen.getByTestId('password-leave'));
  expect(leave).toHaveBeenCalledOnce();
});

it('says that a link is over, where nothing typed can help', async () => {
  send.mockResolvedValue(Response.json({ type: '/problems/link-expired', title: 'x', status: 410 }, { status: 410, headers: { 'content-type': 'application/problem+json' } }));
  open();
  await choose();
  expect((await screen.findByTestId('password-outcome')).textContent).toContain('does not work any more');
  expect(screen.queryByTestId('password-new')).toBeNull();
});

it('keeps what was typed when the server cannot be reached, and shows it when asked', async () => {
  send.mockRejectedValue(new TypeError('fetch failed'));
  const { container } = open();
  await choose();
  expect((await screen.findByTestId('password-error')).textContent).toContain('cannot be reached');
  const field = screen.getByTestId<HTMLInputElement>('password-new');
  expect(field).toMatchObject({ value: 'long enough', type: 'password' });
  await userEvent.click(screen.getByRole('checkbox'));
  await waitFor(() => expect(field.type).toBe('text'));
  expect(await faultsOf(container)).toEqual([]);
});
