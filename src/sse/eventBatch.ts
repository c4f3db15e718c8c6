// What the decoder hands on: events that came side by side, in columns, so that one costs no object. Their data stays in
// the bytes until somebody asks (`decodeBlock`).
import type { ChunkMarks } from './framer.ts';

/** All of it is valid during the call, copy to keep. */
export interface EventBatch {
  /** The events' blocks side by side, blank lines included, from `start` on. */
  bytes: Uint8Array;
  start: number;
  /** At least 1; what stands behind in the columns means nothing. */
  count: number;
  /** Where each block ends in `bytes`, exclusive, ascending. */
  ends: readonly number[];
  /** "message" where the block names none (WHATWG HTML 9.2.6). */
  types: readonly string[];
  /** The id of an earlier event, where the block itself has none; undefined where there is none either. */
  inheritedIds: readonly (string | undefined)[];
  /** Where the event came in several chunks: it is a batch by itself. */
  chunks?: ChunkMarks | undefined;
}

/** Longer ones are decoded each time. */
const longestKept = 256;
const slots = 64;

/** Names of event types out of their bytes. The few that a stream uses are decoded once. */
export class TypeNames {
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #known: ({ bytes: Uint8Array; name: string } | undefined)[] = [];

  /** The name at [start, end); "message" where that is empty. */
  at(bytes: Uint8Array, start: number, end: number): string {
    const length = end - start;
    if (length === 0) return 'message';
    const slot = (length + 7 * (bytes[start] as number) + 31 * (bytes[end - 1] as number)) % slots;
    const known = this.#known[slot];
    if (known && isAt(known.bytes, bytes, start, length)) return known.name;
    const name = this.#utf8.decode(bytes.subarray(start, end));
    if (length <= longestKept) this.#known[slot] = { bytes: bytes.slice(start, end), name };
    return name;
  }
}

function isAt(sought: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (sought.length !== length) return false;
  for (let i = 0; i < length; i++) if (sought[i] !== bytes[start + i]) return false;
  return true;
}
