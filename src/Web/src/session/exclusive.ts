import type { ExclusiveRun } from './tokenKeeper';

const leaseMs = 15_000;

export interface LeasePorts {
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  readonly now: () => number;
  readonly wait: (ms: number) => Promise<void>;
  readonly owner: string;
}

/**
 * One task at a time among tabs that share a storage. Stands in for Web Locks, which browsers offer to secure origins only, while many
 * fleets run on plain HTTP in a closed network. A tab that dies holds the others up for the length of a lease.
 */
export function leaseLock(name: string, { storage, now, wait, owner }: LeasePorts): ExclusiveRun {
  const holder = () => {
    const [who, until] = (storage.getItem(name) ?? '').split(' ');
    return who !== undefined && who !== '' && Number(until) > now() ? who : null;
  };
  return async (task) => {
    for (;;) {
      if (holder() === null) {
        storage.setItem(name, `${owner} ${now() + leaseMs}`);
        // Two tabs may have seen the free lease at once; the last writer has it.
        await wait(40);
        if (holder() === owner) break;
      }
      await wait(100);
    }
    try {
      return await task();
    } finally {
      if (holder() === owner) storage.removeItem(name);
    }
  };
}

export function browserExclusive(name: string): ExclusiveRun {
  // Typed as always present, but absent on insecure origins.
  const locks = navigator.locks as LockManager | undefined;
  if (locks !== undefined) return async (task) => await locks.request(name, () => task());
  return leaseLock(name, {
    storage: localStorage,
    now: Date.now,
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    owner: Math.random().toString(36).slice(2),
  });
}
