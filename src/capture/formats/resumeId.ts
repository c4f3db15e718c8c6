import { type HeaderList, headerValue } from '../../base/headers.ts';
import { utf8Text } from './wire.ts';

/** The id that a request's `Last-Event-ID` stands for: its characters are the bytes of UTF-8. Empty for none. */
export function resumeId(headers: HeaderList): string {
  const value = headerValue(headers, 'last-event-id') ?? '';
  const isBytes = Array.from(value).every((character) => character <= '\u00ff');
  const text = isBytes ? utf8Text(Uint8Array.from(value, (character) => character.charCodeAt(0))) : undefined;
  return text ?? value;
}
