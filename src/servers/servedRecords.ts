import type { Capture } from '../capture/capture.ts';
import { type Masks, maskedBlock, maskedText } from '../capture/formats/wire.ts';
import type { EventRecord } from '../capture/records.ts';
import { decodeBlock } from '../sse/decoder.ts';

/** The records from `first` to the one before `next`. */
export interface ServedRecords {
  capture: Pick<Capture, 'first' | 'at'>;
  hasTimes: boolean;
  first: number;
  next: number;
}

/** So many records are a few milliseconds of work, after which others have their turn. */
const sliceRecords = 5000;

function othersTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export async function eventCount({ capture, first, next }: ServedRecords): Promise<number> {
  let count = 0;
  for (let position = first; position < next; position += 1) {
    if (capture.at(position)?.kind === 'event') count += 1;
    if ((position - first) % sliceRecords === sliceRecords - 1) await othersTurn();
  }
  return count;
}

/** The position behind the last event with this id; the first one for no id, and for one that no event has. */
export async function resumePosition(
  { capture, first, next }: ServedRecords,
  lastEventId: string,
  masks: Masks,
): Promise<number> {
  if (lastEventId === '') return first;
  const bytes = Buffer.from(lastEventId);
  for (let position = next - 1; position >= first; position -= 1) {
    const record = capture.at(position);
    if (record?.kind === 'event' && hasId(record, lastEventId, bytes, masks)) return position + 1;
    if ((next - position) % sliceRecords === 0) await othersTurn();
  }
  return first;
}

/** Whether an event was sent with this id: what is masked in it was masked there, too. */
function hasId({ inheritedId, block }: EventRecord, id: string, idBytes: Buffer, masks: Masks): boolean {
  if (inheritedId !== undefined) return maskedText(inheritedId, masks) === id;
  const sent = maskedBlock(block, masks);
  // Most blocks are told apart without decoding them.
  const bytes = Buffer.from(sent.buffer, sent.byteOffset, sent.length);
  return bytes.includes(idBytes) && decodeBlock(sent)?.ownId === id;
}
