// What a long line costs, and one that never ends.
import { runChild, withSource } from './children.ts';
import { type Measure, median, ratio, round } from './measure.ts';

const memoryRounds = 5;
const mebibyte = 1024 * 1024;

export async function measureLongLine(): Promise<Measure[]> {
  const times = await runChild('longLineTimes.ts', []);
  const { record, discard } = await medianMemory();
  return [
    ratio(
      'CPU of a line of 15.6 MiB / of 3.9 MiB, 1 KiB chunks',
      (4 * (times.longer ?? Number.NaN)) / (times.shorterFourTimes ?? Number.NaN),
      4.6,
    ),
    memory('memory at its peak above the start, a line of 256 MiB', record, 64),
    // Almost all of it is what node has read from the socket and V8 not collected yet.
    memory('memory at its peak above the start, a line of 256 MiB whose bytes are discarded', discard, null),
    memory('the first less the second: what recording itself takes', record - discard, null),
  ];
}

function memory(name: string, bytes: number, goal: number | null): Measure {
  return { name, value: round(bytes / mebibyte), unit: 'MiB', better: 'lower', goal };
}

/** One after the other in each round: how much lies uncollected at the peak differs from run to run. */
async function medianMemory(): Promise<{ record: number; discard: number }> {
  const found = { record: [] as number[], discard: [] as number[] };
  for (let i = 0; i < memoryRounds; i++) {
    found.record.push(await memoryOf('record'));
    found.discard.push(await memoryOf('discard'));
  }
  return { record: median(found.record), discard: median(found.discard) };
}

async function memoryOf(what: 'record' | 'discard'): Promise<number> {
  const { memory = Number.NaN } = await withSource((source) =>
    runChild('endlessLine.ts', [`${source}/line?total=${256 * mebibyte}`, what]),
  );
  return memory;
}
