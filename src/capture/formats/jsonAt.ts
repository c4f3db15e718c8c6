// Looking into JSON of any shape: what isn't there, or is something else, is as if it were empty.
import type { HeaderList } from '../../base/headers.ts';
import { longestTime } from './captureFile.ts';

/** A property of its own; undefined where it has none. */
export function at(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

export function textAt(value: unknown, name: string): string {
  const text = at(value, name);
  return typeof text === 'string' ? text : '';
}

/** Within what a time can be. */
export function numberAt(value: unknown, name: string): number | undefined {
  const number = at(value, name);
  return typeof number === 'number' && Math.abs(number) <= longestTime ? number : undefined;
}

/** The header fields of a HAR's request or response. */
export function headersAt(message: unknown): HeaderList {
  const headers = at(message, 'headers');
  if (!Array.isArray(headers)) return [];
  return headers.map((header) => [textAt(header, 'name'), textAt(header, 'value')] as const);
}
