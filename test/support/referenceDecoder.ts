// WHATWG HTML 9.2.6 "Interpreting an event stream", word for word and as simple as it can be: the whole stream at
// once, no chunks, no speed. What the real decoder gives is compared with it.

export interface ReferenceEvent {
  type: string;
  data: string;
  lastEventId: string;
}

export interface ReferenceResult {
  events: ReferenceEvent[];
  comments: string[];
  /** Reconnection times in the order they were set. */
  retries: number[];
  lastEventId: string;
}

export function referenceDecode(bytes: Uint8Array, lastEventId = ''): ReferenceResult {
  // "Streams must be decoded using the UTF-8 decode algorithm", which strips one byte order mark.
  const text = new TextDecoder('utf-8').decode(bytes);
  const result: ReferenceResult = { events: [], comments: [], retries: [], lastEventId };
  let data = '';
  let eventType = '';
  let idBuffer = lastEventId;

  // "Lines must be separated by either a CRLF pair, a single LF or a single CR." What follows the last end of line
  // is an unfinished line and is never processed.
  const lines = text.split(/\r\n|\n|\r/);
  lines.pop();

  for (const line of lines) {
    if (line === '') {
      // "Set the last event ID string of the event source to the value of the last event ID buffer."
      result.lastEventId = idBuffer;
      // "If the data buffer is an empty string, set the data buffer and the event type buffer to the empty string
      // and return."
      if (data === '') {
        eventType = '';
        continue;
      }
      // "If the data buffer's last character is a U+000A LINE FEED (LF) character, then remove the last character".
      if (data.endsWith('\n')) data = data.slice(0, -1);
      result.events.push({ type: eventType === '' ? 'message' : eventType, data, lastEventId: idBuffer });
      data = '';
      eventType = '';
    } else if (line.startsWith(':')) {
      // "Ignore the line." We keep it: without the one space that the convention puts there.
      result.comments.push(line.startsWith(': ') ? line.slice(2) : line.slice(1));
    } else if (line.includes(':')) {
      const colon = line.indexOf(':');
      const value = line.slice(colon + 1);
      field(line.slice(0, colon), value.startsWith(' ') ? value.slice(1) : value);
    } else {
      field(line, '');
    }
  }
  return result;

  function field(name: string, value: string): void {
    if (name === 'event') eventType = value;
    else if (name === 'data') data += `${value}\n`;
    else if (name === 'id' && !value.includes('\0')) idBuffer = value;
    // "If the field value consists of only ASCII digits": no digit at all sets nothing.
    else if (name === 'retry' && /^[0-9]+$/.test(value)) result.retries.push(Number.parseInt(value, 10));
  }
}
