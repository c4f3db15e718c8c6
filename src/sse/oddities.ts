// What is odd in a stream and changes nothing of what the specification makes of it: fields nobody knows, bytes
// that are no text. Told with their place, so that who sends them can find them.
import type { ParseError } from 'eventsource-parser';

export type Oddity =
  /** The line is ignored. Texts are cut off after 100 characters. */
  | { kind: 'unknownField'; field: string }
  | { kind: 'badRetry'; value: string }
  | { kind: 'nulInId' }
  /** A byte order mark that isn't the stream's first character: the field behind it goes unknown. */
  | { kind: 'bom' }
  | { kind: 'invalidUtf8' }
  /** The stream ended before the blank line that would have dispatched the block. */
  | { kind: 'unfinished'; bytes: number }
  /** The stream ended, and nothing but comments had come. */
  | { kind: 'onlyComments'; comments: number }
  /** There are more of them in this attempt than are told. */
  | { kind: 'more' };

/** Of one attempt. */
export const mostOddities = 100;

const shownLength = 100;
const nulId = /(?:^|[\r\n])id:[^\r\n]*\0/;

/** What the parser has to say about a line. */
export function lineOddity({ type, field, value }: ParseError): Oddity | undefined {
  switch (type) {
    case 'invalid-retry':
      return { kind: 'badRetry', value: shown(value) };
    case 'unknown-field':
      return field?.startsWith('\uFEFF') ? { kind: 'bom' } : { kind: 'unknownField', field: shown(field) };
    default:
      return undefined;
  }
}

/** What the text of one block doesn't show on its lines. */
export function textOddities(text: string, isUtf8: () => boolean): Oddity[] {
  const found: Oddity[] = [];
  // The replacement character may have been sent as such.
  if (text.includes('\uFFFD') && !isUtf8()) found.push({ kind: 'invalidUtf8' });
  if (text.includes('\0') && nulId.test(text)) found.push({ kind: 'nulInId' });
  return found;
}

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function shown(text = ''): string {
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}
