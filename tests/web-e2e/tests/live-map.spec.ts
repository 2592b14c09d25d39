import type { Page } from '@playwright/test';
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

test('the land is drawn as soon as the vehicles are', async ({ page, demo }) => {
  await signIn(page, demo.url + austin);
  await expect.poll(async () => (await renderedVehicles(page)).length).toBeGreaterThan(0);
  expect(await landShare(page)).toBeGreaterThan(0.5);
});

/** How much of the map's picture is of the color of land. */
async function landShare(page: Page): Promise<number> {
  const picture = (await page.getByTestId('map').locator('canvas').first().screenshot()).toString('base64');
  return page.evaluate(async (data) => {
    const probe = document.createElement('span');
    probe.style.color = 'var(--map-land)';
    document.body.append(probe);
    const land = (getComputedStyle(probe).color.match(/\d+/g) ?? []).map(Number);
    probe.remove();
    const image = new Image();
    image.src = `data:image/png;base64,${data}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height);
    const pen = canvas.getContext('2d');
    if (pen === null) return 0;
    pen.drawImage(image, 0, 0);
    const { data: pixels } = pen.getImageData(0, 0, image.width, image.height);
    let count = 0;
    for (let at = 0; at < pixels.length; at += 4) if ([0, 1, 2].every((part) => Math.abs((pixels[at + part] ?? 0) - (land[part] ?? 0)) <= 2)) count++;
    return count / (image.width * image.height);
  }, picture);
}
