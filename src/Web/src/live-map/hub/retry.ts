const stepsMs = [0, 1_000, 2_000, 4_000, 8_000, 15_000] as const;

/**
 * How long to wait before the next attempt; it never gives up. The spread keeps the maps of a fleet from coming back in one instant after
 * a restart of the server.
 */
export function retryDelayMs(attempt: number, random: number): number {
  const step = stepsMs[Math.min(attempt, stepsMs.length - 1)] ?? 0;
  return Math.round(step * (0.75 + random * 0.5));
}
