import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';
import { austin, signIn, vehicleCount } from '../support/page.ts';

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the pages have no serious fault of accessibility in ${colorScheme}`, async ({ page, demo }) => {
    await page.emulateMedia({ colorScheme });
    await page.goto(demo.url);
    await expect(page.getByTestId('sign-in-submit')).toBeVisible();
    expect(await seriousFaults(page)).toEqual([]);

    await signIn(page, demo.url + austin);
    await expect.poll(() => vehicleCount(page)).toBeGreaterThan(0);
    await expect(page.getByTestId('fleet-row').first()).toBeVisible();
    expect(await seriousFaults(page)).toEqual([]);

    await page.getByTestId('fleet-row').first().click();
    await expect(page.getByTestId('detail-speed')).toBeVisible();
    expect(await seriousFaults(page)).toEqual([]);
  });
}

async function seriousFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}
