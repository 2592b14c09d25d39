import { expect, test } from '../support/fixtures.ts';
import { admin } from '../support/fleetServer.ts';

test('a wrong password is said and nothing typed is lost; the right one signs in', async ({ page, demo }) => {
  await page.goto(demo.url);
  const user = page.getByTestId('sign-in-user');
  const password = page.getByTestId('sign-in-password');
  await user.fill(admin.userName);
  await password.fill('not the password');
  await page.getByTestId('sign-in-submit').click();

  await expect(page.getByTestId('sign-in-error')).toContainText('do not match');
  await expect(user).toHaveValue(admin.userName);
  await expect(password).toHaveValue('not the password');
  await expect(page.getByTestId('map')).toHaveCount(0);

  // The password is selected, so typing replaces it.
  await page.keyboard.type(admin.password);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('map')).toBeVisible();
  await expect(page.getByTestId('freshness')).toHaveAttribute('data-state', 'live');
});
