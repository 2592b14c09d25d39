/** What arrived does not have the shape that was agreed. */
export class ShapeError extends Error {
  override name = 'ShapeError';
}

export type Fields = Readonly<Record<string, unknown>>;

export function readObject(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ShapeError(`${what} is not an object`);
  return value as Fields;
}

export function readString(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new ShapeError(`${what} is not a string`);
  return value;
}

export function readNumber(value: unknown, what: string): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw new ShapeError(`${what} is not a number`);
  return number;
}

export function readBoolean(value: unknown, what: string): boolean {
  if (typeof value !== 'boolean') throw new ShapeError(`${what} is not true or false`);
  return value;
}

export function readNullable<T>(value: unknown, what: string, read: (value: unknown, what: string) => T): T | null {
  return value === null || value === undefined ? null : read(value, what);
}

export function readArray<T>(value: unknown, what: string, read: (value: unknown, what: string) => T): T[] {
  if (!Array.isArray(value)) throw new ShapeError(`${what} is not a list`);
  return value.map((item: unknown, index) => read(item, `${what}[${index}]`));
}

/**
 * An instant as milliseconds since 1970. Besides RFC 3339 text it takes what MessagePack makes of .NET times: a Date, or the pair of the
 * local wall time (labeled as UTC) and its offset in minutes.
 */
export function readInstant(value: unknown, what: string): number {
  if (Array.isArray(value) && value.length === 2) {
    return readInstant(value[0], what) - readNumber(value[1], what) * 60_000;
  }
  const at = typeof value === 'string' ? Date.parse(value) : value instanceof Date ? value.getTime() : NaN;
  if (Number.isNaN(at)) throw new ShapeError(`${what} is not an instant`);
  return at;
}
