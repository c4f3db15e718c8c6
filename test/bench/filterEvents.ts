// Prints what text filters over a million events take, and the same over a list of objects, as JSON: times on the clock,
// each the least of a few rounds.
import { Capture } from '../../src/capture/capture.ts';
import { noFilter } from '../../src/capture/filter/filter.ts';
import { FilteredView } from '../../src/capture/filter/filteredView.ts';
import { matcherInProcess } from '../support/matcherInProcess.ts';
import { median } from './measure.ts';

const events = 1_000_000;
const rounds = 5;
const capture = new Capture({ records: 2 * events, bytes: 1024 ** 3 });
const objects: { id: string; type: string; data: string }[] = [];
const utf8 = new TextEncoder();
const padding = 'x'.repeat(200);

for (let i = 0; i < events; i++) {
  const head = `{"customer":"c_${i % 977}","total":${i % 500},"note":"lorem ipsum dolor sit amet`;
  const start = `id: ${i}\nevent: order\ndata: ${head}`;
  const data = `${head}${padding.slice(0, 200 - start.length - 4)}"}`;
  capture.addEvent(i, 1, 'order', undefined, utf8.encode(`id: ${i}\nevent: order\ndata: ${data}\n\n`));
  objects.push({ id: String(i), type: 'order', data });
}

const turns: number[] = [];

function filtered(text: string, caseSensitive: boolean): FilteredView {
  let end = 0;
  return new FilteredView(
    capture,
    { ...noFilter, terms: [{ mode: 'text', text, caseSensitive }] },
    {
      // How long the loop was held since it had its turn last.
      async pause() {
        if (end > 0) turns.push(performance.now() - end);
        await new Promise((resolve) => setImmediate(resolve));
        end = performance.now();
      },
      monotonic: () => performance.now(),
      describe: () => '',
      matcher: matcherInProcess(),
    },
  );
}

async function ours(text: string, caseSensitive: boolean): Promise<number> {
  return least(async () => {
    const view = filtered(text, caseSensitive);
    view.catchUp();
    while (view.scanned < capture.next) await new Promise((resolve) => setImmediate(resolve));
  });
}

function theirs(test: (text: string) => boolean): Promise<number> {
  return least(async () => {
    const found: number[] = [];
    for (const [at, { data, type, id }] of objects.entries())
      if (test(data) || test(type) || test(id)) found.push(at);
  });
}

async function least(work: () => Promise<void>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await work();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}

/** From the wish to stop, which comes amid a slice, to the end of the scan. */
async function cancel(): Promise<number> {
  const view = filtered('nowhere', false);
  view.catchUp();
  const wish = performance.now() + 20;
  await new Promise((resolve) => setTimeout(resolve, 20));
  view.rest();
  while (view.progress !== undefined) await new Promise((resolve) => setImmediate(resolve));
  return performance.now() - wish;
}

const rareMs = await ours('c_123"', true);
const foldedMs = await ours('C_123"', false);
const commonMs = await ours('lorem', true);
const sliceP99Ms = turns.toSorted((a, b) => a - b)[Math.floor(turns.length * 0.99)];
const cancelTimes: number[] = [];
for (let round = 0; round < rounds; round++) cancelTimes.push(await cancel());
const rareObjectsMs = await theirs((text) => text.includes('c_123"'));
const foldedObjectsMs = await theirs((text) => text.toLowerCase().includes('c_123"'));
console.log(
  JSON.stringify({
    rareMs,
    rareObjectsMs,
    foldedMs,
    foldedObjectsMs,
    commonMs,
    sliceP99Ms,
    cancelMs: median(cancelTimes),
  }),
);
