import { beforeEach, expect, it } from 'vitest';
import { leaseLock } from './exclusive';

let items: Map<string, string>;
let now: number;
const storage = {
  getItem: (key: string) => items.get(key) ?? null,
  setItem: (key: string, value: string) => void items.set(key, value),
  removeItem: (key: string) => void items.delete(key),
};
const wait = (ms: number) => {
  now += ms;
  return Promise.resolve();
};
const tab = (owner: string) => leaseLock('lock', { storage, now: () => now, wait, owner });

beforeEach(() => {
  items = new Map();
  now = 1_000;
});

it('gives what the task gives, and is free again', async () => {
  expect(await tab('a')(() => Promise.resolve(7))).toBe(7);
  expect(items.size).toBe(0);
});

it('is free again after a failure', async () => {
  await expect(tab('a')(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(items.size).toBe(0);
});

it('lets one tab in at a time', async () => {
  let inside = 0;
  let most = 0;
  const task = async () => {
    most = Math.max(most, ++inside);
    await Promise.resolve();
    await Promise.resolve();
    inside--;
  };
  await Promise.all(['a', 'b', 'c'].map((owner) => tab(owner)(task)));
  expect(most).toBe(1);
});

it('takes over from a tab that died', async () => {
  items.set('lock', `dead ${now + 15_000}`);
  expect(await tab('a')(() => Promise.resolve(now))).toBeGreaterThanOrEqual(16_000);
});

it('is not confused by foreign content', async () => {
  items.set('lock', 'rubbish');
  expect(await tab('a')(() => Promise.resolve(1))).toBe(1);
});
