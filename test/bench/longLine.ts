// What a long line costs, and one that never ends.
import { Capture } from '../../src/capture/capture.ts';
import { Decoder } from '../../src/sse/decoder.ts';
import { runChild, withSource } from './children.ts';
import { leastOfEach, type Measure, ratio, round } from './measure.ts';

const rounds = 15;
const mebibyte = 1024 * 1024;
/** The longer one stays below the bound of a block, 16 MiB. */
const shortBytes = Math.floor(3.9 * mebibyte);

export async function measureLongLine(): Promise<Measure[]> {
  const shorter = lineOf(shortBytes);
  const longer = lineOf(4 * shortBytes);
  // As many bytes in both, so that both pay alike for the collections of garbage that those bring about.
  const shorterFourTimes = (): void => {
    for (let i = 0; i < 4; i++) decode(shorter);
  };
  const least = await leastOfEach({ shorterFourTimes, longer: () => decode(longer) }, rounds);
  const ours = await memoryOf('record');
  const bare = await memoryOf('discard');
  return [
    ratio(
      'CPU of a line of 15.6 MiB / of 3.9 MiB, 1 KiB chunks',
      (4 * least.longer) / least.shorterFourTimes,
      4.6,
    ),
    memory('memory at its peak above the start, a line of 256 MiB', ours, 64),
    // Most of it is what node reads from the socket and hasn't collected yet.
    memory('memory at its peak above the start, a line of 256 MiB whose bytes are discarded', bare, null),
  ];
}

function memory(name: string, bytes: number, goal: number | null): Measure {
  return { name, value: round(bytes / mebibyte), unit: 'MiB', better: 'lower', goal };
}

async function memoryOf(what: 'record' | 'discard'): Promise<number> {
  const { memory = Number.NaN } = await withSource((source) =>
    runChild('endlessLine.ts', [`${source}/line?total=${256 * mebibyte}`, what]),
  );
  return memory;
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
    batch: (batch) => capture.addEvents(0, 1, batch),
    comment: () => {},
    retry: () => {},
    dropped: () => {},
    oddity: () => {},
  });
  for (const chunk of chunks) decoder.push(chunk);
  if (capture.events !== 1) throw new Error('The line was not recorded.');
}
