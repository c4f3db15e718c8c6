// An event as an editor shows it, and the one it is compared with.
import type { Capture, EventRecord } from '../capture/capture.ts';
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

/** The nearest event of the same type that came earlier and is still there. */
export function previousOfType(capture: Capture, event: EventRecord): EventRecord | undefined {
  const type = typeOf(event);
  for (let position = event.position - 1; position >= capture.first; position--) {
    const record = capture.at(position);
    if (record?.kind === 'event' && typeOf(record) === type) return record;
  }
  return undefined;
}
