import { textPattern } from '../../base/textPattern.ts';
import { decodeBlock } from '../../sse/decoder.ts';
import type { SegmentView } from '../segment.ts';
import { ByteSearch } from './byteSearch.ts';
import type { Term } from './filter.ts';

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const idName = new ByteSearch([['i'], ['d']]);

/** A plain text to look for in the data, type and id of events, and in the text of everything else. */
export class TextTerm {
  readonly #matches: (text: string) => boolean;
  readonly #search: ByteSearch | undefined;

  constructor({ text, caseSensitive }: Term) {
    this.#search = ByteSearch.of(text, caseSensitive);
    if (caseSensitive) {
      this.#matches = (whole) => whole.includes(text);
    } else {
      const pattern = textPattern(text, false);
      this.#matches = (whole) => pattern.test(whole);
    }
  }

  matches(text: string): boolean {
    return this.#matches(text);
  }

  matchesComment(bytes: Uint8Array, from: number, to: number): boolean {
    if (this.#search) return this.#search.indexIn(bytes, from, to) >= 0;
    return this.#matches(new TextDecoder().decode(bytes.subarray(from, to)));
  }

  /** Whether the event at `i` has it in its data or its id. Its type is looked at by whoever knows that. */
  matchesEvent(segment: SegmentView, i: number): boolean {
    const { bytes, offsets } = segment;
    const from = offsets[i] as number;
    const to = offsets[i + 1] as number;
    if (segment.ids.size > 0) {
      const inherited = segment.ids.get(segment.first + i);
      if (inherited !== undefined && this.#matches(inherited)) return true;
    }
    if (this.#search) return this.#isInValue(this.#search, bytes, from, to);
    const event = decodeBlock(bytes.subarray(from, to));
    return event !== undefined && (this.#matches(event.data) || this.#matches(event.ownId ?? ''));
  }

  /** Looks at the lines that have it: it must stand in the value of a field that counts. */
  #isInValue(search: ByteSearch, bytes: Uint8Array, from: number, to: number): boolean {
    for (let at = search.indexIn(bytes, from, to); at >= 0; ) {
      let line = at;
      while (line > from && bytes[line - 1] !== LF && bytes[line - 1] !== CR) line--;
      const value = valueAt(bytes, line, to);
      if (value !== undefined && at >= value && (isData(bytes, line) || isTheId(bytes, value, to)))
        return true;
      // Further on in a line that doesn't count there is nothing to find.
      const next = value !== undefined && at < value ? at + 1 : lineEnd(bytes, at, to);
      at = search.indexIn(bytes, next, to);
    }
    return false;
  }
}

/** Where the value of a `data` or `id` line begins; undefined for any other. */
function valueAt(bytes: Uint8Array, line: number, to: number): number | undefined {
  const name = isData(bytes, line) ? 4 : isId(bytes, line) ? 2 : undefined;
  if (name === undefined || line + name >= to || bytes[line + name] !== COLON) return undefined;
  return line + name + (bytes[line + name + 1] === SPACE ? 2 : 1);
}

function isData(bytes: Uint8Array, line: number): boolean {
  return (
    bytes[line] === 0x64 &&
    bytes[line + 1] === 0x61 &&
    bytes[line + 2] === 0x74 &&
    bytes[line + 3] === 0x61 &&
    bytes[line + 4] === COLON
  );
}

function isId(bytes: Uint8Array, line: number): boolean {
  return bytes[line] === 0x69 && bytes[line + 1] === 0x64;
}

/** Whether the id whose value begins here is the one that counts: the last one without a NUL. */
function isTheId(bytes: Uint8Array, value: number, to: number): boolean {
  if (hasNul(bytes, value, to)) return false;
  for (let at = idName.indexIn(bytes, value, to); at >= 0; at = idName.indexIn(bytes, at + 2, to)) {
    if (bytes[at - 1] !== LF && bytes[at - 1] !== CR) continue;
    const next = bytes[at + 2];
    if (next === LF || next === CR || (next === COLON && !hasNul(bytes, at + 3, to))) return false;
  }
  return true;
}

/** Whether the line has a NUL from there on. */
function hasNul(bytes: Uint8Array, at: number, to: number): boolean {
  for (let i = at; i < to && bytes[i] !== LF && bytes[i] !== CR; i++) if (bytes[i] === 0) return true;
  return false;
}

function lineEnd(bytes: Uint8Array, at: number, to: number): number {
  let end = at;
  while (end < to && bytes[end] !== LF && bytes[end] !== CR) end++;
  return end;
}
