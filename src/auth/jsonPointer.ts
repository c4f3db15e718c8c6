/** A JSON pointer (RFC 6901 section 3). */
export const jsonPointer = /^(?:\/(?:[^~/]|~[01])*)*$/;

/** The value that a pointer leads to, own properties only; undefined where it leads to nothing. */
export function valueAt(value: unknown, pointer: string): unknown {
  let at = value;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}
