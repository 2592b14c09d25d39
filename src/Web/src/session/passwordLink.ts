/** The token of a link to choose a password: behind `#`, so that no server log and no referrer gets it. */
export function readPasswordLink({ pathname, hash }: { pathname: string; hash: string }): string | null {
  return pathname === '/password' && hash.length > 1 ? hash.slice(1) : null;
}
