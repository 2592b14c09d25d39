import { expect, it } from 'vitest';
import { isDeviceId, trackerCommand } from './trackerCommand';

it.each([
  ['van-7', true], ['user:phone', true], ['A.b_c', true], ['x'.repeat(64), true],
  ['', false], ['x'.repeat(65), false], ['van 7', false], ["van'; rm", false], ['fleet/+', false], ['é', false],
])('%j is a device id: %s', (text, expected) => expect(isDeviceId(text)).toBe(expected));

it('is one command with the host and the device', () => {
  const command = trackerCommand('fleet.example', 18830, 'van-7');
  expect(command).toContain('-h fleet.example -p 18830');
  expect(command).toContain("-u 'van-7' -P 'ENROLLMENT_KEY'");
  expect(command).toContain("-t 'fleet/van-7/position'");
  expect(command.split('\n').slice(0, -1).every((line) => line.endsWith(' \\'))).toBe(true);
});
