import type { Page } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';
import { austin, signIn, vehicleCount } from '../support/page.ts';

test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

test('on a phone the sheet and the tab bar take the place of panel and rail', async ({ page, demo }) => {
  await page.goto(demo.url);
  await expect(page.getByTestId('sign-in-submit')).toBeVisible();
  await expectNoSidewaysScrolling(page);

  await signIn(page, demo.url + austin);
  await expect.poll(() => vehicleCount(page)).toBeGreaterThan(0);
  const tabs = page.getByRole('navigation', { name: 'Main' });
  const sheet = page.locator('.sheet');
  const height = async () => (await sheet.boundingBox())?.height ?? 0;
  await expect(sheet).toHaveAttribute('data-height', 'peek');
  await expect.poll(height).toBeLessThan(100);
  await expectNoSidewaysScrolling(page);

  await tabs.getByRole('button', { name: 'Fleet' }).tap();
  await expect.poll(height).toBeGreaterThan(600);
  await expect(page.getByTestId('fleet-row').first()).toBeInViewport();
  await expectNoSidewaysScrolling(page);

  await page.getByTestId('fleet-row').first().tap();
  await expect(page.getByTestId('detail-drawer')).toBeVisible();
  await expect(sheet).toHaveAttribute('data-height', 'half');
  await expect(page.getByTestId('follow-button')).toBeInViewport();
  await expectNoSidewaysScrolling(page);

  // The handle leads on to the next height.
  await page.getByRole('button', { name: /^Sheet height/ }).tap();
  await expect(sheet).toHaveAttribute('data-height', 'full');

  await tabs.getByRole('button', { name: 'Map' }).tap();
  await expect(page.getByTestId('detail-drawer')).toHaveCount(0);
  await expect.poll(height).toBeLessThan(100);
});

async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  const overhang = () => page.evaluate(() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - window.innerWidth);
  expect(await overhang()).toBeLessThanOrEqual(0);
}
