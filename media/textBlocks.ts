import { visibleText } from './format.ts';

/** A block is closed at the last line end in it when it has come to this. */
const closeAt = 4_000;
/** A line this long is broken, though nobody asked for it: laying it out anew with each delta would cost too much. */
const breakAt = 16_000;

export interface Block {
  /** Where it begins in the text, in UTF-16 code units. */
  readonly at: number;
  /** As it came, with the line end that the next block begins behind. */
  readonly raw: string;
  /** As it is shown, without that line end. */
  readonly shown: string;
}

/** A text that grows, in blocks of whole lines: only the last of them changes, and only those in view are laid out. */
export class TextBlocks {
  #blocks: Block[] = [];
  #end = 0;

  get blocks(): readonly Block[] {
    return this.#blocks;
  }

  get end(): number {
    return this.#end;
  }

  get raw(): string {
    return this.#blocks.map(({ raw }) => raw).join('');
  }

  /** Adds what is new of a text that begins at `from`. Where something between is missing, what came before goes. */
  put(from: number, text: string): void {
    if (from > this.#end) {
      this.#blocks = [];
      this.#end = from;
    }
    const added = text.slice(this.#end - from);
    if (added === '') return;
    const last = this.#blocks.pop();
    let at = last?.at ?? this.#end;
    let open = (last?.raw ?? '') + added;
    this.#end += added.length;
    for (let cut = cutOf(open); cut > 0; cut = cutOf(open)) {
      this.#blocks.push(blockOf(at, open.slice(0, cut), true));
      at += cut;
      open = open.slice(cut);
    }
    if (open !== '') this.#blocks.push(blockOf(at, open, false));
  }

  /** What precedes isn't there any more: lets go of the blocks that lie before it. */
  drop(start: number): void {
    const kept = this.#blocks.findIndex(({ at, raw }) => at + raw.length > start);
    if (kept > 0) this.#blocks = this.#blocks.slice(kept);
    else if (kept < 0) this.#blocks = [];
  }
}

/** Where the next block begins; 0 for not yet. */
function cutOf(open: string): number {
  if (open.length < closeAt) return 0;
  const line = open.lastIndexOf('\n', breakAt);
  if (line >= 0) return line + 1;
  if (open.length < breakAt) return 0;
  return isHighSurrogate(open.charCodeAt(breakAt - 1)) ? breakAt - 1 : breakAt;
}

function blockOf(at: number, raw: string, isClosed: boolean): Block {
  // The second half of a character may be in the next delta.
  const isHalf = !isClosed && isHighSurrogate(raw.charCodeAt(raw.length - 1));
  const text = isHalf ? raw.slice(0, -1) : isClosed && raw.endsWith('\n') ? raw.slice(0, -1) : raw;
  return { at, raw, shown: visibleText(text) };
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}
