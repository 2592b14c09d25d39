import { expect, test } from '../support/fixtures.ts';
import { austin, expectMoving, signIn, vehicleCount } from '../support/page.ts';

test('the server is killed: the page says so, keeps the last picture in gray, and recovers by itself', async ({ page, startServer }) => {
  const server = await startServer({ demo: true });
  await signIn(page, server.url + austin);
  await expectMoving(page, 3);
  const freshness = page.getByTestId('freshness');
  const filter = () => page.getByTestId('map').locator('canvas').first().evaluate((canvas) => getComputedStyle(canvas).filter);
  await expect(freshness).toHaveAttribute('data-state', 'live');
  expect(await filter()).toBe('none');

  const killedAt = Date.now();
  await server.kill();
  const bar = page.getByTestId('stall-bar');
  await expect(bar).toBeVisible({ timeout: 30_000 });
  await expect(bar).toContainText('Last good data');
  const lastGood = Date.parse((await bar.locator('time').getAttribute('datetime')) ?? '');
  // Freshness is told at least every five seconds.
  expect(killedAt - lastGood).toBeGreaterThan(-1_000);
  expect(killedAt - lastGood).toBeLessThan(10_000);
  await expect(freshness).toHaveAttribute('data-state', 'reconnecting');
  await expect.poll(filter).toContain('grayscale(1)');
  expect(await vehicleCount(page)).toBeGreaterThan(0);

  await server.run();
  await expect(bar).toBeHidden({ timeout: 45_000 });
  await expect(freshness).toHaveAttribute('data-state', 'live');
  await expect.poll(filter).toBe('none');
  await expectMoving(page, 3);

  // The session outlives the process, in the open page and in a new one.
  await page.reload();
  await expect(page.getByTestId('map')).toBeVisible();
  await expect(page.getByTestId('fleet-row').first()).toBeVisible();
});
