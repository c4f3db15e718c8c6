// An event as an editor shows it, and the one it is compared with.
import type { Capture } from '../capture/capture.ts';
import type { EventRecord } from '../capture/records.ts';
import { Kind } from '../capture/segment.ts';
import { decodeBlock } from '../sse/decoder.ts';
import { isJson } from './jsonTokens.ts';
import { prettyJson } from './prettyJson.ts';

export interface EventText {
  /** The whole data; JSON with a line for each value. */
  text: string;
  isJson: boolean;
}

export function eventText({ block }: EventRecord): EventText {
  const data = dataOf(block);
  return isJson(data) ? { text: prettyJson(data), isJson: true } : { text: data, isJson: false };
}

export function dataOf(block: Uint8Array): string {
  return decodeBlock(block)?.data ?? '';
}

/** A block as text: its bytes decoded, line ends as they came. */
export function blockText(block: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(block);
}

export function typeOf({ type, block }: EventRecord): string {
  return type || (decodeBlock(block)?.type ?? 'message');
}

/** The last event id after this event, its own or inherited; empty for none. */
export function idOf({ inheritedId, block }: EventRecord): string {
  return inheritedId ?? decodeBlock(block)?.ownId ?? '';
}

/** So many bytes of blocks are read in a few milliseconds. */
const bytesInOneGo = 262_144;

/**
 * The nearest event of the same type that came earlier and is still there. Types are compared by their numbers, a million
 * in a few milliseconds; only one that the capture keeps no name of is read from its block, with pauses.
 * @param pause resolves when everything else has had its turn
 */
export async function previousOfType(
  capture: Capture,
  event: EventRecord,
  pause: () => Promise<void>,
): Promise<EventRecord | undefined> {
  const own = capture.segmentAt(event.position);
  const number = own?.types[event.position - own.first];
  const type = typeOf(event);
  let bytes = 0;
  for (let end = event.position; ; ) {
    const segment = capture.segmentAt(end - 1);
    if (!segment) return undefined;
    for (let i = end - segment.first - 1; i >= 0; i--) {
      if (segment.kinds[i] !== Kind.event || segment.types[i] !== number) continue;
      const record = capture.at(segment.first + i);
      if (record?.kind !== 'event') return undefined;
      if (record.type !== '' || typeOf(record) === type) return record;
      bytes += record.block.length;
      if (bytes > bytesInOneGo) {
        bytes = 0;
        await pause();
      }
    }
    end = segment.first;
  }
}
