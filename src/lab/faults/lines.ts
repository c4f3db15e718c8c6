// The lines of a block, byte for byte: what a fault changes stands in some of them, the others stay as they came.
import { COLON, CR, LF } from '../../sse/blocks.ts';

/** With their line ends: LF, CR or CRLF (WHATWG HTML 9.2.5). Views: copy to keep. */
export function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; ) {
    let end = start;
    while (end < bytes.length && bytes[end] !== LF && bytes[end] !== CR) end++;
    end += bytes[end] === CR && bytes[end + 1] === LF ? 2 : 1;
    lines.push(bytes.subarray(start, Math.min(end, bytes.length)));
    start = end;
  }
  return lines;
}

/** Whether the line is a field of that name: a colon or the end of the line stands behind it. */
export function isField(line: Uint8Array, name: string): boolean {
  for (let i = 0; i < name.length; i++) if (line[i] !== name.charCodeAt(i)) return false;
  const behind = line[name.length];
  return behind === undefined || behind === COLON || behind === LF || behind === CR;
}

/** Nothing stands in it. */
export function isBlank(line: Uint8Array): boolean {
  return line[0] === LF || line[0] === CR;
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
