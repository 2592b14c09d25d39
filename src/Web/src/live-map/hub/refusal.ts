const spoken = /Server returned an error on close: (?:.*?HubException: )?(.+)$/s;

/** What the server said when it closed or refused a connection, or null when the connection just ended. */
export function refusalOf(error: unknown): string | null {
  return error instanceof Error ? (spoken.exec(error.message)?.[1] ?? null) : null;
}
