// Blocks on their way into a file and back: what they say, what is masked in them, and how one is written anew.
import { type DecodedEvent, Decoder, decodeBlock } from '../../sse/decoder.ts';
import type { ExportSource } from './source.ts';

/** What masks credentials, if anything does. */
export type Masks = Pick<ExportSource, 'redactor'>;

const LF = 0x0a;
const CR = 0x0d;
/** The fields that have a meaning, as a line begins with them. */
const knownField = /^(?:data|event|id|retry)(?::|$)/;
const lineFeed = Uint8Array.of(LF);
const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Cuts one block after the other. One for all of them: to make one costs more than to use it. */
class BlockReader {
  #events = 0;
  #bytes = 0;
  readonly #decoder = new Decoder({
    batch: ({ start, ends, count }) => {
      this.#events += count;
      this.#bytes = (ends[count - 1] as number) - start;
    },
    comment: () => {},
    retry: () => {},
    dropped: () => {},
  });

  /** Whether the bytes are one event from the first to the last, and nothing of it is still to come. */
  isEvent(block: Uint8Array): boolean {
    this.#events = 0;
    this.#bytes = 0;
    // Begins a line whatever came before; and a BOM inside the stream is data, which it isn't where it stands first.
    this.#decoder.push(lineFeed);
    this.#decoder.push(block);
    return this.#events === 1 && this.#bytes === block.length;
  }
}

let reader = new BlockReader();

/** What a block says that is one event and nothing else, as those of a capture are; undefined for any other. */
export function eventOf(block: Uint8Array): DecodedEvent | undefined {
  if (reader.isEvent(block)) return decodeBlock(block);
  // It may wait for the rest of something, which the next block mustn't become.
  reader = new BlockReader();
  return undefined;
}

/** An event in the plainest form: event, id, data, each line with a space after its colon. */
export function plainBlock({ type, data, ownId }: DecodedEvent): string {
  const event = type === 'message' ? '' : `event: ${type}\n`;
  const id = ownId === undefined ? '' : `id: ${ownId}\n`;
  return `${event}${id}data: ${data.replaceAll('\n', '\ndata: ')}\n\n`;
}

/** The text of bytes that are UTF-8; a byte order mark stays in it. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** An event's bytes with credentials masked. Length, lines and field names stay, so that it is still an event. */
export function maskedBlock(block: Uint8Array, { redactor }: Masks): Uint8Array {
  const masked = redactor?.bytes(block) ?? block;
  if (masked === block) return block;
  for (let start = 0; start < block.length; ) {
    let end = start;
    while (end < block.length && block[end] !== LF && block[end] !== CR) end++;
    const [name = ''] =
      knownField.exec(String.fromCharCode(...block.subarray(start, Math.min(end, start + 6)))) ?? [];
    masked.set(block.subarray(start, start + name.length), start);
    start = end + 1;
  }
  return masked;
}

/** A text with credentials masked at equal length in UTF-8. */
export function maskedText(text: string, { redactor }: Masks): string {
  if (!redactor) return text;
  const bytes = utf8.encode(text);
  const masked = redactor.bytes(bytes);
  return masked === bytes ? text : new TextDecoder('utf-8', { ignoreBOM: true }).decode(masked);
}
