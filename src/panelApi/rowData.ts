import type { Capture } from '../capture/capture.ts';
import { dataOf } from './eventText.ts';
import type { Row } from './protocol.ts';

/** Larger blocks are not looked into, nor more than this in one go. In bytes. */
const mostBytes = 262_144;
const mostAtOnce = 4_194_304;

/** The whole data of those of the rows that are events, by position, as far as there isn't too much of it. */
export function dataOfRows(capture: Capture, rows: readonly Row[]): Map<number, string> {
  const found = new Map<number, string>();
  let bytes = 0;
  for (const { position, kind } of rows) {
    const record = kind === 'event' ? capture.at(position) : undefined;
    if (record?.kind !== 'event' || record.block.length > mostBytes) continue;
    bytes += record.block.length;
    if (bytes > mostAtOnce) break;
    found.set(position, dataOf(record.block));
  }
  return found;
}
