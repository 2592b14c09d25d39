import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '../support/fixtures.ts';
import { enrollmentKey } from '../support/fleetServer.ts';
import { renderedVehicles, signIn } from '../support/page.ts';

const run = promisify(execFile);

test('a new installation tells how to connect a tracker, and turns into the map when it reports', async ({ page, startServer }) => {
  const server = await startServer({ demo: false });
  await signIn(page, server.url);
  const help = page.getByRole('region', { name: 'Connect your first tracker' });
  await expect(help).toBeVisible();
  await expect(help.getByText('Listening for the first position')).toBeVisible();

  // The command of the page is run as it stands, with the key of this server.
  await help.getByRole('textbox').fill('truck-1');
  const command = (await help.getByLabel('Command', { exact: true }).textContent()) ?? '';
  expect(command).toContain("-u 'truck-1'");
  expect(command).toContain("-t 'fleet/truck-1/position'");
  expect(command).toContain(`-p ${server.mqttPort} `);
  expect(command).toContain("'ENROLLMENT_KEY'");
  await run('sh', ['-c', command.replace('ENROLLMENT_KEY', enrollmentKey)]);

  await expect(help).toBeHidden();
  await expect(page.getByTestId('map')).toHaveAttribute('data-vehicle-count', '1');
  await expect(page.getByTestId('fleet-row')).toContainText('truck-1');
  await expect.poll(async () => (await renderedVehicles(page)).map(({ lat, lng, heading }) => ({ lat, lng, heading })))
    .toEqual([{ lat: 47.4979, lng: 19.0402, heading: 90 }]);
});
