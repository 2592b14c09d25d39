import { expect, type Page } from '@playwright/test';
import { admin } from './fleetServer.ts';

export interface RenderedVehicle {
  readonly id: string;
  readonly lng: number;
  readonly lat: number;
  readonly heading: number | null;
  readonly status: string;
  /** Pixels from the corner of the map. */
  readonly x: number;
  readonly y: number;
}

declare global {
  interface Window {
    fleetMap?: { renderedVehicles(): RenderedVehicle[] };
  }
}

/** Where most of the demo fleet drives, near enough to tell the vehicles apart. */
export const austin = '/?at=30.30,-97.74,11';

export async function signIn(page: Page, address = '/'): Promise<void> {
  await page.goto(address);
  await page.getByTestId('sign-in-user').fill(admin.userName);
  await page.getByTestId('sign-in-password').fill(admin.password);
  await page.getByTestId('sign-in-submit').click();
  await expect(page.getByTestId('map')).toBeVisible();
}

export function vehicleCount(page: Page): Promise<number> {
  return page.getByTestId('map').getAttribute('data-vehicle-count').then((count) => Number(count ?? 0));
}

export function renderedVehicles(page: Page): Promise<RenderedVehicle[]> {
  return page.evaluate(() => window.fleetMap?.renderedVehicles() ?? []);
}

/** About a meter: less than any vehicle moves from fix to fix, more than numbers are off. */
const aMeter = 1e-5;

/** Waits until so many vehicles are drawn elsewhere than they were when it was called. */
export async function expectMoving(page: Page, atLeast = 1): Promise<void> {
  await expect.poll(() => vehicleCount(page), { message: 'vehicles on the map' }).toBeGreaterThanOrEqual(atLeast);
  await expect.poll(async () => (await renderedVehicles(page)).length, { message: 'drawn vehicles' }).toBeGreaterThanOrEqual(atLeast);
  const before = new Map((await renderedVehicles(page)).map((vehicle) => [vehicle.id, vehicle]));
  const moved = async () => (await renderedVehicles(page)).filter(({ id, lng, lat }) => {
    const then = before.get(id);
    return then !== undefined && Math.abs(then.lng - lng) + Math.abs(then.lat - lat) > aMeter;
  }).length;
  await expect.poll(moved, { message: 'vehicles that moved', timeout: 45_000 }).toBeGreaterThanOrEqual(atLeast);
}
