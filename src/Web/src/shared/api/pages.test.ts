import { expect, it, vi } from 'vitest';
import { readPages } from './pages';

const listOf = (pages: number) => vi.fn((cursor: string | null) => {
  const page = Number(cursor ?? 0);
  return Promise.resolve({ items: [page], next: page + 1 < pages ? String(page + 1) : null });
});

it('follows the cursor to the last page', async () => {
  const read = listOf(3);
  expect(await readPages(5, read)).toEqual([0, 1, 2]);
  expect(read.mock.calls).toEqual([[null], ['1'], ['2']]);
});

it('stops at its bound', async () => expect(await readPages(2, listOf(9))).toEqual([0, 1]));

it('passes a failure on', async () => expect(readPages(2, () => Promise.reject(new Error('gone')))).rejects.toThrow('gone'));
