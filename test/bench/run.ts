// `npm run bench`: figures to watch, in a table, or with --json as an array of {name, value, unit, better, goal}; of all
// parts, or of those that are named (`npm run bench -- stream line`). It measures and judges nothing: no test depends on
// how fast a machine is.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { packageExtension } from '../../scripts/package.ts';
import { measureActivation } from './activation.ts';
import { measureFilter } from './filter.ts';
import { measureIdle } from './idle.ts';
import { measureLongLine } from './longLine.ts';
import type { Measure } from './measure.ts';
import { measurePanel } from './panel.ts';
import { measureProxy } from './proxy.ts';
import { measureStore } from './store.ts';
import { measureStreamCpu } from './streamCpu.ts';

const parts: Record<string, () => Promise<Measure[]>> = {
  stream: measureStreamCpu,
  line: measureLongLine,
  idle: measureIdle,
  store: measureStore,
  filter: measureFilter,
  proxy: measureProxy,
  size: async () => [measureSize()],
  activation: measureActivation,
  panel: measurePanel,
};
const needBuild = ['size', 'activation', 'panel'];

const asked = process.argv.slice(2).filter((argument) => argument !== '--json');
const unknown = asked.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`No such part: ${unknown.join(', ')}. The parts are ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}
const names = asked.length > 0 ? asked : Object.keys(parts);
if (names.some((name) => needBuild.includes(name))) packageExtension();

const measures: Measure[] = [];
for (const name of names) measures.push(...((await parts[name]?.()) ?? []));

if (process.argv.includes('--json')) {
  console.log(JSON.stringify(measures, null, 2));
} else {
  const rows = [
    ['measure', 'value', 'unit', 'goal', ''],
    ...measures.map(({ name, value, unit, better, goal }) => [
      name,
      String(value),
      unit,
      goal === null ? '-' : `${better === 'lower' ? '<=' : '>='} ${goal}`,
      goal === null ? '' : (better === 'lower' ? value <= goal : value >= goal) ? 'met' : 'missed',
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  for (const row of rows) {
    const cells = row.map((cell, column) =>
      column === 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
    console.log(cells.join('  ').trimEnd());
  }
}

function measureSize(): Measure {
  const vsix = join(import.meta.dirname, '../../dist/sse-debugger.vsix');
  return {
    name: '.vsix size',
    value: Math.round(statSync(vsix).size / 1024),
    unit: 'KiB',
    better: 'lower',
    goal: 600,
  };
}
