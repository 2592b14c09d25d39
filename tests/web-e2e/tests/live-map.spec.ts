import { expect, test } from '../support/fixtures.ts';
import { austin, expectMoving, renderedVehicles, signIn, vehicleCount } from '../support/page.ts';

const demoVehicles = 70;

test('the demo fleet comes onto the map, moves and turns', async ({ page, demo }) => {
  await signIn(page, demo.url);
  // Without a place in the address the map goes to where the fleet is, which is on three continents.
  await expect.poll(() => vehicleCount(page)).toBeGreaterThanOrEqual(demoVehicles);
  await expect(page.getByTestId('freshness')).toHaveAttribute('data-state', 'live');

  await page.goto(demo.url + austin);
  await expectMoving(page, 3);

  const before = new Map((await renderedVehicles(page)).map(({ id, heading }) => [id, heading]));
  const turned = async () => (await renderedVehicles(page)).filter(({ id, heading }) => {
    const then = before.get(id) ?? null;
    return then !== null && heading !== null && Math.abs(then - heading) > 5;
  }).length;
  await expect.poll(turned, { message: 'vehicles that turned', timeout: 45_000 }).toBeGreaterThanOrEqual(1);
});
