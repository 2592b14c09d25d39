const defaultIntervalMs = 60_000;
const shortestIntervalMs = 5_000;
const remembered = 5;

/** The interval at which a vehicle reports: the median of the last few, null until two fixes were seen. */
export function ownInterval(measured: readonly number[]): number | null {
  if (measured.length === 0) return null;
  const sorted = [...measured].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

export function withInterval(measured: readonly number[], intervalMs: number): readonly number[] {
  return intervalMs > 0 ? [...measured, intervalMs].slice(-remembered) : measured;
}

/** How strongly a vehicle is drawn: full until its position is three of its own intervals old, then in steps. */
export function opacityByAge(ageMs: number, intervalMs: number | null): number {
  const intervals = ageMs / Math.max(shortestIntervalMs, intervalMs ?? defaultIntervalMs);
  if (intervals <= 3) return 1;
  if (intervals <= 6) return 0.75;
  if (intervals <= 12) return 0.55;
  return 0.4;
}
