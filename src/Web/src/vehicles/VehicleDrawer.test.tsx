// @vitest-environment jsdom
import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createServices, ServicesProvider } from '../app/services';
import { noon, vehicle } from '../live-map/testVehicles';
import { defaultConfig } from '../shared/config/appConfig';
import { faultsOf } from '../testAccessibility';
import type { LiveVehicle } from './vehicle';
import { VehicleDrawer } from './VehicleDrawer';

const send = vi.fn<typeof fetch>();
beforeEach(() => {
  vi.stubGlobal('fetch', send.mockReset());
  vi.spyOn(Date, 'now').mockReturnValue(noon + 12_400);
});
afterEach(() => void vi.unstubAllGlobals());

function open(live: LiveVehicle | undefined, onFollow = () => {}) {
  const services = createServices({ ...defaultConfig, apiUrl: 'http://localhost' });
  return render(
    <ServicesProvider value={services}>
      <QueryClientProvider client={services.queries}>
        <VehicleDrawer vehicleId="a" live={live} units="metric" clockOffset={0} isFollowed={false} onFollow={onFollow} onClose={() => {}} />
      </QueryClientProvider>
    </ServicesProvider>,
  );
}

const details = { id: 'a', name: 'Van a', deviceId: 'dev-7', groups: ['North', 'Night'], status: 'stopped', position: null };

it('shows what is live over what the server listed', async () => {
  send.mockResolvedValue(Response.json(details));
  const { container } = open(vehicle('a'));
  expect(await screen.findByText('dev-7')).toBeTruthy();
  expect(screen.getByTestId('detail-speed').textContent).toBe('36 km/h');
  expect(screen.getByText('47.50000, 19.04000')).toBeTruthy();
  expect(screen.getByText('North, Night')).toBeTruthy();
  expect(await faultsOf(container)).toEqual([]);
});

it('follows on request', async () => {
  send.mockResolvedValue(Response.json(details));
  const onFollow = vi.fn();
  open(vehicle('a'), onFollow);
  await userEvent.click(screen.getByTestId('follow-button'));
  expect(onFollow).toHaveBeenCalledOnce();
});

it('says that a vehicle never reported, and cannot follow it', async () => {
  send.mockResolvedValue(Response.json(details));
  open(undefined);
  expect(await screen.findByText('Never reported')).toBeTruthy();
  expect(screen.getByTestId<HTMLButtonElement>('follow-button').disabled).toBe(true);
});

it('says that a vehicle is not in the fleet', async () => {
  send.mockResolvedValue(Response.json({ type: '/problems/vehicle-not-found', title: 'No such vehicle' }, { status: 404 }));
  open(undefined);
  expect(await screen.findByText(/not in your fleet/)).toBeTruthy();
});

it('shows text of the server as text', async () => {
  send.mockResolvedValue(Response.json({ ...details, name: '<img src=x onerror=alert(1)>' }));
  const { container } = open(undefined);
  expect(await screen.findByText('<img src=x onerror=alert(1)>')).toBeTruthy();
  expect(container.querySelector('img')).toBeNull();
});
