import { setTimeout } from 'node:timers/promises';
import { cpuOf } from './measure.ts';

/** Opens as many connections as the command line says; prints what all but a first one took. */
export async function measureOpening(open: (url: string) => Promise<unknown>): Promise<void> {
  const [url = '', count = ''] = process.argv.slice(2);
  // What the first one loads isn't the price of one.
  const kept = [await open(url)];
  const before = await memory();
  const cpu = await cpuOf(async () => {
    kept.push(...(await Promise.all(Array.from({ length: Number(count) }, () => open(url)))));
  });
  const after = await memory();
  console.log(JSON.stringify({ memory: after - before, cpu, connections: kept.length }));
  process.exit();
}

async function memory(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await setTimeout(100);
  }
  return process.memoryUsage.rss();
}
