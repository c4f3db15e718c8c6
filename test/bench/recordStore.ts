// A child process: keeps events of 200 bytes as a capture does, or as a list of objects. Prints bytes and milliseconds.
import { setTimeout } from 'node:timers/promises';
import { Capture } from '../../src/capture/capture.ts';

const [kind, count = ''] = process.argv.slice(2);
const block = Buffer.alloc(200, 'x');
block.write('id: 0000000\nevent: tick\ndata: ');
block.write('\n\n', 198);

interface Kept {
  time: number;
  type: string;
  id: string;
  data: string;
}

const keep = kind === 'capture' ? capture : objects;
// What the code itself takes comes with the first few.
keep(1_000);
await collect();
const before = process.memoryUsage();
const kept = keep(Number(count));
await collect();
const after = process.memoryUsage();
const started = performance.now();
globalThis.gc?.();
const gcMs = performance.now() - started;
console.log(
  JSON.stringify({
    heap: after.heapUsed - before.heapUsed,
    all: after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers,
    gcMs,
    kept: kept(),
  }),
);

function capture(events: number): () => number {
  const store = new Capture({ records: events, bytes: Number.MAX_SAFE_INTEGER });
  for (let i = 0; i < events; i++) store.addEvent(i, 1, 'tick', undefined, numbered(i));
  return () => store.events;
}

function objects(events: number): () => number {
  const list: Kept[] = [];
  for (let i = 0; i < events; i++) {
    const text = numbered(i).toString('latin1');
    list.push({ time: i, type: 'tick', id: text.slice(4, 11), data: text.slice(30, 198) });
  }
  return () => list.length;
}

function numbered(i: number): Buffer {
  block.write(String(i).padStart(7, '0'), 4);
  return block;
}

/** Code that hasn't run for some collections is let go of, too. */
async function collect(): Promise<void> {
  for (let i = 0; i < 8; i++) {
    globalThis.gc?.();
    await setTimeout(20);
  }
}
