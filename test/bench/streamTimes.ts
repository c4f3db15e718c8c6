// A child process: takes one stream in the ways that the command line names, in turns, and prints the least CPU that
// each took, in milliseconds.
import { createParser } from 'eventsource-parser';
import { discard, readBody } from './bareClient.ts';
import { leastOfEach } from './measure.ts';
import { decodeAll, record, recordAll } from './product.ts';

const rounds = 6;
const [url = '', events = '', ...names] = process.argv.slice(2);

const ways: Record<string, () => Promise<void>> = {
  discard: () => discard(url),
  parse: () => {
    const text = new TextDecoder();
    const parser = createParser({ onEvent: () => {} });
    return readBody(url, (chunk) => parser.feed(text.decode(chunk, { stream: true })));
  },
  decode: () => decodeAll(url),
  record: () => recordAll(url, Number(events)),
  eventSource: async () => {
    // Not loaded beside the others: what lives in the heap costs at each collection.
    const { EventSource } = await import('eventsource');
    const source = new EventSource(url);
    source.addEventListener('tick', () => {});
    await new Promise<void>((resolve) => source.addEventListener('error', () => resolve()));
    source.close();
  },
};

const works = Object.fromEntries(names.map((name) => [name, ways[name] as () => Promise<void>]));
// V8 throws the optimised code of a class away when a collection finds none of its objects, as it would between any two
// rounds and doesn't while a stream runs: a connection stays.
const idle = record(new URL('/idle', url).href, () => {});
console.log(JSON.stringify(await leastOfEach(works, rounds)));
idle.connection.dispose();
