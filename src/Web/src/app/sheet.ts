export type SheetHeight = 'peek' | 'half' | 'full';

/** As `--sheet-peek`. */
export const peekHeight = 84;

const order: readonly SheetHeight[] = ['peek', 'half', 'full'];

/** How high each stop is, in pixels, in a room of a height. */
export function sheetStops(room: number, peek: number): Readonly<Record<SheetHeight, number>> {
  return { peek: Math.min(peek, room), half: Math.round(room * 0.5), full: Math.max(0, room - 48) };
}

const flick = 0.5;

/** Where a sheet comes to rest: a flick goes one stop on, a slow hand lets it fall to the nearest. Velocity in pixels per ms, up is positive. */
export function restOf(height: number, velocity: number, stops: Readonly<Record<SheetHeight, number>>): SheetHeight {
  if (velocity > flick) return order.find((stop) => stops[stop] > height) ?? 'full';
  if (velocity < -flick) return order.findLast((stop) => stops[stop] < height) ?? 'peek';
  return order.reduce((best, stop) => (Math.abs(stops[stop] - height) < Math.abs(stops[best] - height) ? stop : best));
}

export function nextHeight(height: SheetHeight): SheetHeight {
  return order[(order.indexOf(height) + 1) % order.length] ?? 'peek';
}
