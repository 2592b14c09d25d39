import { expect, it } from 'vitest';
import { ServerClock } from './serverClock';

it('trusts the local clock until it has heard the server', () => expect(new ServerClock().toServer(1_000)).toBe(1_000));

it('takes the message that waited least', () => {
  const clock = new ServerClock();
  clock.heard(5_000, 1_000);
  clock.heard(6_000, 4_500);
  expect(clock.toServer(10_000)).toBe(14_000);
});

it('follows a clock that was set while the page is open', () => {
  const clock = new ServerClock();
  clock.heard(9_000, 0);
  for (let i = 0; i < 24; i++) clock.heard(1_000, 0);
  expect(clock.offset).toBe(1_000);
});
