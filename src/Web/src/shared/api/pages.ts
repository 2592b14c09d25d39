export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page begins, null after the last. */
  readonly next: string | null;
}

/** What all pages hold together, up to a number of them: a list without an end must not fill the memory. */
export async function readPages<T>(most: number, read: (cursor: string | null) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  for (let count = 0; count < most; count++) {
    const page: Page<T> = await read(cursor);
    items.push(...page.items);
    if (page.next === null) break;
    cursor = page.next;
  }
  return items;
}
