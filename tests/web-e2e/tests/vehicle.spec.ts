import { expect, test } from '../support/fixtures.ts';
import { renderedVehicles, signIn } from '../support/page.ts';
import { driveInCircles } from '../support/tracker.ts';

const helsinki = { lat: 60.19, lon: 24.94 };

test('one vehicle is found, selected and followed by keyboard, and Escape takes it back step by step', async ({ page, demo }) => {
  const stop = await driveInCircles(demo, 'van-7', helsinki);
  await signIn(page, demo.url);
  await expect(page.getByTestId('fleet-row').first()).toBeVisible();

  await page.keyboard.press('/');
  const search = page.getByRole('textbox', { name: 'Search the fleet' });
  await expect(search).toBeFocused();
  await page.keyboard.type('van-7');
  await expect(page.getByTestId('fleet-row')).toHaveCount(1);
  const vehicleId = (await page.getByTestId('fleet-row').getAttribute('data-vehicle-id')) ?? '';
  expect(vehicleId).not.toBe('');

  await page.getByTestId('fleet-list').focus();
  await page.keyboard.press('ArrowDown');
  const drawer = page.getByTestId('detail-drawer');
  await expect(drawer.getByRole('heading')).toHaveText('van-7');
  await expect(page).toHaveURL(new RegExp(`vehicle=${vehicleId}`));

  // The tracker says 12.5 m/s.
  await expect(page.getByTestId('detail-speed')).toHaveText('45 km/h');
  await expect(drawer).toContainText(/Fixed.*\d{4}.*\d:\d\d:\d\d/);

  await page.keyboard.press('f');
  await expect(page.getByTestId('follow-button')).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByTestId('map')).toHaveAttribute('data-followed', vehicleId);

  const place = async () => (await renderedVehicles(page)).find(({ id }) => id === vehicleId);
  await expect.poll(place).toBeDefined();
  const start = await place();
  await expect.poll(async () => {
    const now = await place();
    return Math.abs((now?.lat ?? 0) - (start?.lat ?? 0)) + Math.abs((now?.lng ?? 0) - (start?.lng ?? 0));
  }, { message: 'way of the vehicle in degrees' }).toBeGreaterThan(0.001);
  const { width = 0, height = 0 } = (await page.getByTestId('map').boundingBox()) ?? {};
  await expect.poll(async () => {
    const now = await place();
    return Math.hypot((now?.x ?? 0) - width / 2, (now?.y ?? 0) - height / 2);
  }, { message: 'distance of the vehicle to the center in pixels' }).toBeLessThan(3);
  await expect(page.getByTestId('map')).toHaveAttribute('data-followed', vehicleId);

  // The tracker falls silent, so that the age of its last fix grows.
  await stop();
  const seconds = async () => Number(/^(\d+) s ago$/.exec((await page.getByTestId('detail-age').textContent()) ?? '')?.[1] ?? 0);
  await expect.poll(seconds).toBeGreaterThanOrEqual(2);
  const age = await seconds();
  await expect.poll(seconds).toBeGreaterThanOrEqual(age + 2);

  await page.keyboard.press('Escape');
  await expect(page.getByTestId('map')).toHaveAttribute('data-followed', '');
  await expect(drawer).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(drawer).toHaveCount(0);
  await page.keyboard.press('Escape');
  await expect(search).toHaveValue('');
  await expect.poll(() => page.getByTestId('fleet-row').count()).toBeGreaterThan(1);
});
