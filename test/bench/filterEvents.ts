// Prints what filters over a million events take, and the same over a list of objects, as JSON: times on the clock,
// each the least of a few rounds.
import { join } from 'node:path';
import { Capture } from '../../src/capture/capture.ts';
import { noFilter, type Term } from '../../src/capture/filter/filter.ts';
import { FilteredView } from '../../src/capture/filter/filteredView.ts';
import { MatcherThread } from '../../src/node/matcherThread.ts';
import { systemClock } from '../../src/node/systemClock.ts';
import { median } from './measure.ts';

const events = 1_000_000;
const rounds = 5;
const utf8 = new TextEncoder();
const matcher = new MatcherThread(join(import.meta.dirname, '../../src/node/filterWorker.ts'), systemClock);

interface Events {
  capture: Capture;
  objects: { id: string; type: string; data: string }[];
}

/** Events of 200 bytes, as a capture and as a list of objects. */
function eventsWith(note: string): Events {
  const capture = new Capture({ records: 2 * events, bytes: 1024 ** 3 });
  const objects: Events['objects'] = [];
  const room = 200 - utf8.encode(note).length;
  for (let i = 0; i < events; i++) {
    const start = `id: ${i}\nevent: order\ndata: `;
    const head = `{"customer":"c_${i % 977}","total":${i % 500},"note":"`;
    const data = `${head}${note}${'x'.repeat(room - start.length - head.length - 4)}"}`;
    capture.addEvent(i, 1, 'order', undefined, utf8.encode(`${start}${data}\n\n`));
    objects.push({ id: String(i), type: 'order', data });
  }
  return { capture, objects };
}

const turns: number[] = [];

function filtered({ capture }: Events, term: Term): FilteredView {
  let end = 0;
  return new FilteredView(
    capture,
    { ...noFilter, terms: [term] },
    {
      // How long the loop was held since it had its turn last.
      async pause() {
        if (end > 0) turns.push(performance.now() - end);
        await new Promise((resolve) => setImmediate(resolve));
        end = performance.now();
      },
      monotonic: () => performance.now(),
      describe: () => '',
      matcher,
    },
  );
}

async function ours(events: Events, text: string, change: Partial<Term> = {}): Promise<number> {
  return least(async () => {
    const view = filtered(events, { mode: 'text', text, caseSensitive: false, ...change });
    view.catchUp();
    while (view.scanned < events.capture.next) await new Promise((resolve) => setImmediate(resolve));
  });
}

function theirs({ objects }: Events, test: (text: string) => boolean): Promise<number> {
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
async function cancel(events: Events): Promise<number> {
  const view = filtered(events, { mode: 'text', text: 'nowhere', caseSensitive: false });
  view.catchUp();
  const wish = performance.now() + 20;
  await new Promise((resolve) => setTimeout(resolve, 20));
  view.rest();
  while (view.progress !== undefined) await new Promise((resolve) => setImmediate(resolve));
  return performance.now() - wish;
}

async function ofAscii(): Promise<Record<string, number | undefined>> {
  const events = eventsWith('lorem ipsum dolor sit amet');
  const rareMs = await ours(events, 'c_123"', { caseSensitive: true });
  const foldedMs = await ours(events, 'C_123"');
  const commonMs = await ours(events, 'lorem', { caseSensitive: true });
  const sliceP99Ms = turns.toSorted((a, b) => a - b)[Math.floor(turns.length * 0.99)];
  const cancelTimes: number[] = [];
  for (let round = 0; round < rounds; round++) cancelTimes.push(await cancel(events));
  return {
    rareMs,
    foldedMs,
    commonMs,
    sliceP99Ms,
    cancelMs: median(cancelTimes),
    regexMs: await ours(events, 'c_12\\d"', { mode: 'regex' }),
    rareObjectsMs: await theirs(events, (text) => text.includes('c_123"')),
    foldedObjectsMs: await theirs(events, (text) => text.toLowerCase().includes('c_123"')),
    regexObjectsMs: await theirs(events, (text) => /c_12\d"/i.test(text)),
  };
}

/** Letters beyond ASCII, each of them in either case. */
async function ofCyrillic(): Promise<Record<string, number>> {
  const events = eventsWith('съешь ещё этих мягких французских булок');
  return {
    unicodeMs: await ours(events, 'БУЛОЧЕК'),
    unicodeCommonMs: await ours(events, 'БУЛОК'),
    unicodeObjectsMs: await theirs(events, (text) => text.toLowerCase().includes('булочек')),
  };
}

console.log(JSON.stringify({ ...(await ofAscii()), ...(await ofCyrillic()) }));
matcher.dispose();
