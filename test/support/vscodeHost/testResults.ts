import { readFile } from 'node:fs/promises';
import type { ResultLine } from './runMocha.ts';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Reads what `runMocha` reported, prints it and counts it. A run that broke off, or that ran no test, counts as one
 * failure more: nothing must pass by not running.
 */
export async function readMochaResults(file: string): Promise<Counts> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  const results = lines.map((line) => JSON.parse(line) as ResultLine);
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const result of results) {
    if (result.type === 'end') continue;
    counts[result.type] += 1;
    const mark = { passed: '✓', failed: '×', skipped: '↓' }[result.type];
    console.log(` ${mark} ${result.title} ${result.ms}ms`);
    if (result.type === 'failed') console.log(result.message.replace(/^/gm, '     '));
  }
  if (!results.some((result) => result.type === 'end')) {
    console.log(' × The run in the extension host broke off before its end.');
    counts.failed += 1;
  } else if (counts.passed + counts.failed === 0) {
    console.log(' × No test ran.');
    counts.failed += 1;
  }
  return counts;
}
