import type { WireRange } from '../src/panelApi/protocol.ts';

export const pageBytes = 16_384;
/** A block may take 16 MiB: of pages that were looked at, the newest stay. */
const mostPages = 16;
const LF = 0x0a;
const CR = 0x0d;
const colon = 0x3a;

/** What a byte is: of a field's name, of its value, of a line's end. */
export type ByteKind = 'name' | 'value' | 'end';

export interface WirePage {
  bytes: Uint8Array;
  kinds: ByteKind[];
}

/** The bytes of one event's block, pulled by pages as they are looked at. */
export class WirePages {
  readonly #pages = new Map<number, WirePage | 'pending' | 'gone'>();
  readonly #fetch: (range: { from: number; to: number }) => Promise<WireRange | null>;
  readonly #onDidChange: () => void;

  constructor(
    fetch: (range: { from: number; to: number }) => Promise<WireRange | null>,
    onDidChange: () => void,
  ) {
    this.#fetch = fetch;
    this.#onDidChange = onDidChange;
  }

  /** The page that holds a byte; asks for it where it isn't there yet. */
  at(offset: number): WirePage | 'pending' | 'gone' {
    const number = Math.floor(offset / pageBytes);
    const page = this.#pages.get(number);
    if (page) return page;
    this.#pages.set(number, 'pending');
    void this.#pull(number);
    return 'pending';
  }

  async #pull(number: number): Promise<void> {
    try {
      const range = await this.#fetch({ from: number * pageBytes, to: (number + 1) * pageBytes });
      this.#pages.set(number, range ? pageOf(range) : 'gone');
    } catch {
      // The host was slow or is restarting: it is asked again when the page is looked at again.
      this.#pages.delete(number);
    }
    this.#trim(number);
    this.#onDidChange();
  }

  #trim(around: number): void {
    if (this.#pages.size <= mostPages) return;
    for (const number of this.#pages.keys())
      if (Math.abs(number - around) > mostPages / 2) this.#pages.delete(number);
  }
}

function pageOf({ bytes: base64, inValue }: WireRange): WirePage {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  let behindColon = inValue;
  const kinds = Array.from(bytes, (byte): ByteKind => {
    if (byte === LF || byte === CR) {
      behindColon = false;
      return 'end';
    }
    if (behindColon) return 'value';
    behindColon = byte === colon;
    return 'name';
  });
  return { bytes, kinds };
}

/** Bytes of one kind that came in one chunk. */
export interface WireRun {
  kind: ByteKind;
  /** Whether the first of them is the first of a later chunk: which one, from 2. */
  chunk?: number;
  hex: string;
  text: string;
}

/** The runs of a page's bytes [from, to). @param at where the page begins in the block */
export function runsOf(
  { bytes, kinds }: WirePage,
  at: number,
  from: number,
  to: number,
  chunks: ReadonlyMap<number, number>,
): WireRun[] {
  const runs: WireRun[] = [];
  for (let i = from; i < Math.min(to, bytes.length); i++) {
    const kind = kinds[i] as ByteKind;
    const byte = bytes[i] as number;
    const chunk = chunks.get(at + i);
    const hex = byte.toString(16).padStart(2, '0');
    const last = runs.at(-1);
    if (last?.kind === kind && chunk === undefined) {
      last.hex += ` ${hex}`;
      last.text += glyph(byte);
    } else {
      runs.push({ kind, hex, text: glyph(byte), ...(chunk === undefined ? {} : { chunk }) });
    }
  }
  return runs;
}

/**
 * One character a byte: where the carriage, the line or the tab would go to. What isn't ASCII is seen in the text
 * form. The arrows are in every font for code, the control pictures aren't.
 */
function glyph(byte: number): string {
  if (byte === LF) return '↓';
  if (byte === CR) return '←';
  if (byte === 0x09) return '→';
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';
}

/** What a run of line ends is called: `CRLF`, `LF LF`. */
export function endNames({ text }: WireRun): string {
  return text.replaceAll('←↓', 'CRLF ').replaceAll('←', 'CR ').replaceAll('↓', 'LF ').trimEnd();
}
