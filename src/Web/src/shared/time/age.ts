const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How old something is, in words that tick. A clock that runs a little ahead reads as now. */
export function ageInWords(ageMs: number): string {
  if (ageMs < 1.5 * second) return 'now';
  if (ageMs < minute) return `${Math.floor(ageMs / second)} s ago`;
  if (ageMs < hour) return `${Math.floor(ageMs / minute)} min ago`;
  if (ageMs < day) return `${Math.floor(ageMs / hour)} h ago`;
  const days = Math.floor(ageMs / day);
  return days === 1 ? 'yesterday' : `${days} days ago`;
}

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const dayAndClock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** Date, time and zone, for a hover. */
export function exactTime(at: number): string {
  return exact.format(at);
}

/** The time of day, with the date when it is not today. */
export function clockTime(at: number, now: number): string {
  return new Date(at).toDateString() === new Date(now).toDateString() ? clock.format(at) : dayAndClock.format(at);
}
