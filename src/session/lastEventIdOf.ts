import type { Capture } from '../capture/capture.ts';
import type { EventRecord } from '../capture/records.ts';
import { decodeBlock } from '../sse/decoder.ts';

/** How far back the last event is looked for, in records. */
const lookBack = 1_000;

/** The last event id after a capture's last event; empty for none. */
export function lastEventIdOf(capture: Capture): string {
  for (
    let position = capture.next - 1;
    position >= Math.max(capture.first, capture.next - lookBack);
    position--
  ) {
    const record = capture.at(position);
    if (record?.kind === 'event') return record.inheritedId ?? ownIdOf(record);
  }
  return '';
}

/** The id that stands in the event's own block; empty for none. */
export function ownIdOf({ inheritedId, block }: EventRecord): string {
  return inheritedId === undefined ? (decodeBlock(block)?.ownId ?? '') : '';
}
