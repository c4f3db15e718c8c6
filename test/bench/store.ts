// What a million events take in memory, in a capture and as the list of objects that other viewers keep.
import { runChild } from './children.ts';
import { type Measure, median, ratio, round } from './measure.ts';

const rounds = 3;
const events = 1_000_000;
const wireBytes = 200 * events;

export async function measureStore(): Promise<Measure[]> {
  const found = { capture: [] as Record<string, number>[], objects: [] as Record<string, number>[] };
  for (let i = 0; i < rounds; i++) {
    for (const kind of ['capture', 'objects'] as const)
      found[kind].push(await runChild('recordStore.ts', [kind, String(events)]));
  }
  const of = (kind: keyof typeof found, what: string): number =>
    median(found[kind].map((figures) => figures[what] ?? Number.NaN));
  const what = '1,000,000 events of 200 B';
  return [
    ratio(`memory of ${what} / their bytes on the wire`, of('capture', 'all') / wireBytes, 1.3),
    ratio(`memory of ${what} as objects / their bytes on the wire`, of('objects', 'all') / wireBytes, null),
    measure(`JS heap of each of ${what}`, of('capture', 'heap') / events, 'B', 2),
    measure(`JS heap of each of ${what} as objects`, of('objects', 'heap') / events, 'B', null),
    measure(`full collection with ${what}`, of('capture', 'gcMs'), 'ms', 20),
    measure(`full collection with ${what} as objects`, of('objects', 'gcMs'), 'ms', null),
  ];
}

function measure(name: string, value: number, unit: string, goal: number | null): Measure {
  return { name, value: round(value, 2), unit, better: 'lower', goal };
}
