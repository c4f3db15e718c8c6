// What a long line costs, and one that never ends.
import { Capture } from '../../src/capture/capture.ts';
import { Decoder } from '../../src/sse/decoder.ts';
import { runChild, withSource } from './children.ts';
import { alternately, type Measure, median, ratio, round } from './measure.ts';

const rounds = 7;
const mebibyte = 1024 * 1024;
/** The longer one stays below the bound of a block, 16 MiB. */
const shortBytes = Math.floor(3.9 * mebibyte);

export async function measureLongLine(): Promise<Measure[]> {
  const shorter = lineOf(shortBytes);
  const longer = lineOf(4 * shortBytes);
  const times = await alternately({ shorter: () => decode(shorter), longer: () => decode(longer) }, rounds);
  const { memory = Number.NaN } = await withSource((source) =>
    runChild('endlessLine.ts', [`${source}/line?total=${256 * mebibyte}`]),
  );
  return [
    ratio(
      'CPU of a line of 15.6 MiB / of 3.9 MiB, 1 KiB chunks',
      median(times.map(({ shorter, longer }) => longer / shorter)),
      4.6,
    ),
    {
      name: 'memory at its peak above the start, a line of 256 MiB',
      value: round(memory / mebibyte),
      unit: 'MiB',
      better: 'lower',
      goal: 64,
    },
  ];
}

function lineOf(bytes: number): Uint8Array[] {
  const line = Buffer.from(`data: ${'x'.repeat(bytes - 8)}\n\n`);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < line.length; at += 1024) chunks.push(line.subarray(at, at + 1024));
  return chunks;
}

function decode(chunks: readonly Uint8Array[]): void {
  const capture = new Capture();
  const decoder = new Decoder({
    event: (event, block) => capture.addEvent(0, 1, event.type, event.lastEventId, block),
    comment: () => {},
    retry: () => {},
    dropped: () => {},
    oddity: () => {},
  });
  for (const chunk of chunks) decoder.push(chunk);
  if (capture.events !== 1) throw new Error('The line was not recorded.');
}
