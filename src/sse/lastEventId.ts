/**
 * The value of `Last-Event-ID` for an id: its UTF-8 bytes, one character a byte ("(`Last-Event-ID`, lastEventIDValue)
 * where lastEventIDValue is the EventSource object's last event ID string, encoded as UTF-8"). Undefined where
 * there is none, or where HTTP can't carry it: control characters other than a tab (RFC 9110 section 5.5).
 */
export function lastEventIdHeader(id: string): string | undefined {
  if (id === '') return undefined;
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) return undefined;
  }
  let value = '';
  for (const byte of new TextEncoder().encode(id)) value += String.fromCharCode(byte);
  return value;
}

/** Whether a request says all there is to say: there is no id, or HTTP can carry it. */
export function isCarried(id: string): boolean {
  return id === '' || lastEventIdHeader(id) !== undefined;
}
