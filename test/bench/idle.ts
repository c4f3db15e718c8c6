// Five hundred connections that are open and silent, ours and those of the npm package eventsource.
import { runChild, withSource } from './children.ts';
import { type Measure, median, ratio, round } from './measure.ts';

const rounds = 3;
const connections = 500;

export async function measureIdle(): Promise<Measure[]> {
  const clients = { ours: 'idleConnections.ts', theirs: 'idleEventSources.ts' };
  const found = { ours: [] as Record<string, number>[], theirs: [] as Record<string, number>[] };
  await withSource(async (source) => {
    for (let i = 0; i < rounds; i++) {
      found.ours.push(await runChild(clients.ours, [`${source}/idle`, String(connections)]));
      found.theirs.push(await runChild(clients.theirs, [`${source}/idle`, String(connections)]));
    }
  });
  const each = (whose: keyof typeof found, what: string): number =>
    median(found[whose].map((figures) => (figures[what] ?? Number.NaN) / connections));
  const of = `of ${connections} idle connections`;
  return [
    watched(`memory of each ${of}`, each('ours', 'memory') / 1024, 'KiB'),
    ratio(`memory ${of} / npm package eventsource`, each('ours', 'memory') / each('theirs', 'memory'), 1),
    watched(`CPU to open each ${of}`, each('ours', 'cpu'), 'ms'),
    ratio(`CPU to open ${of} / npm package eventsource`, each('ours', 'cpu') / each('theirs', 'cpu'), 1),
  ];
}

function watched(name: string, value: number, unit: string): Measure {
  return { name, value: round(value, 2), unit, better: 'lower', goal: null };
}
