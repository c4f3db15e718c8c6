import { type DecodedEvent, decodeBlock } from '../../src/sse/decoder.ts';
import type { EventBatch } from '../../src/sse/eventBatch.ts';

export interface BatchedEvent extends DecodedEvent {
  /** After this event; empty for none. */
  lastEventId: string;
}

/** The events of a batch with their data, and copies of their blocks. */
export function eventsOf(batch: EventBatch): { event: BatchedEvent; block: Uint8Array }[] {
  return Array.from({ length: batch.count }, (_, i) => {
    const block = batch.bytes.slice(i === 0 ? batch.start : batch.ends[i - 1], batch.ends[i]);
    const decoded = decodeBlock(block);
    if (!decoded) throw new Error('A block of the batch dispatches nothing.');
    const type = batch.types[i] as string;
    return { block, event: { ...decoded, type, lastEventId: decoded.ownId ?? batch.inheritedIds[i] ?? '' } };
  });
}
