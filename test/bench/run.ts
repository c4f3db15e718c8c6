// `npm run bench`: figures to watch, in a table, or with --json as an array of {name, value, unit, better, goal}.
// It measures and judges nothing: no test depends on how fast a machine is.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { packageExtension } from '../../scripts/package.ts';
import { measureActivation } from './activation.ts';
import { measureIdle } from './idle.ts';
import { measureLongLine } from './longLine.ts';
import type { Measure } from './measure.ts';
import { measurePanel } from './panel.ts';
import { measureStore } from './store.ts';
import { measureStreamCpu } from './streamCpu.ts';

const vsix = join(import.meta.dirname, '../../dist/sse-debugger.vsix');
packageExtension();

const measures: Measure[] = [
  ...(await measureStreamCpu()),
  ...(await measureLongLine()),
  ...(await measureIdle()),
  ...(await measureStore()),
  {
    name: '.vsix size',
    value: Math.round(statSync(vsix).size / 1024),
    unit: 'KiB',
    better: 'lower',
    goal: 600,
  },
  ...(await measureActivation()),
  ...(await measurePanel()),
];

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
