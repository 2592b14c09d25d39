/** A number as the API describes it, which may also be written as text; null when it is absent or no number. */
export function numberOf(value: string | number | null | undefined): number | null {
  if (value === null || value === undefined || value === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** The milliseconds of an instant, NaN when it is none. */
export function instantOf(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : NaN;
}
