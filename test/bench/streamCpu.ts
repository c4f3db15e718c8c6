// CPU from the network to the record, as a ratio to what others take for the same bytes in the same run.
import { EventSource } from 'eventsource';
import { createParser } from 'eventsource-parser';
import { discard, readBody } from './bareClient.ts';
import { withSource } from './children.ts';
import { alternately, type Measure, median, ratio } from './measure.ts';
import { decodeAll, recordAll } from './product.ts';

const rounds = 5;
const totalBytes = 16 * 1024 * 1024;
const sizes = [
  { bytes: 100, size: '100 B', goal: 1.5 },
  { bytes: 1024, size: '1 KiB', goal: 1.5 },
  { bytes: 1024 * 1024, size: '1 MiB', goal: 1.2 },
];
const chunks = [
  { chunk: 64 * 1024, chunkName: '64 KiB' },
  { chunk: 1_000, chunkName: '1,000 B' },
];

export async function measureStreamCpu(): Promise<Measure[]> {
  return withSource(async (source) => {
    const measures: Measure[] = [];
    for (const { bytes, size, goal } of sizes) {
      for (const end of ['LF', 'CRLF']) {
        for (const { chunk, chunkName } of chunks) {
          const url = `${source}/events?event=${bytes}&total=${totalBytes}&chunk=${chunk}&end=${end}`;
          const events = Math.floor(totalBytes / (1024 * 1024)) * Math.floor((1024 * 1024) / bytes);
          const times = await alternately(
            {
              discard: () => discard(url),
              parse: () => parse(url),
              record: () => recordAll(url, events),
            },
            rounds,
          );
          const stream = `${size} events, ${end}, ${chunkName} chunks`;
          measures.push(
            ratio(
              `CPU of network to record / bare loop with eventsource-parser, ${stream}`,
              median(times.map(({ record, parse }) => record / parse)),
              goal,
            ),
            ratio(
              `CPU of network to record / discarding the bytes, ${stream}`,
              median(times.map(({ record, discard }) => record / discard)),
              null,
            ),
          );
        }
      }
    }
    measures.push(await decodedAgainstDrain(source), await againstEventSource(source));
    return measures;
  });
}

/** Without the record: what the decoder alone adds to reading the socket. */
async function decodedAgainstDrain(source: string): Promise<Measure> {
  const url = `${source}/events?event=100&total=${totalBytes}&chunk=${64 * 1024}&end=LF`;
  const times = await alternately({ discard: () => discard(url), decode: () => decodeAll(url) }, rounds);
  return ratio(
    'CPU of socket to decoded event / bare http.request drain, 100 B events, LF, 64 KiB chunks',
    median(times.map(({ decode, discard }) => decode / discard)),
    null,
  );
}

async function againstEventSource(source: string): Promise<Measure> {
  const url = `${source}/events?event=100&total=${totalBytes}&chunk=${64 * 1024}&end=LF`;
  const times = await alternately(
    { discard: () => discard(url), record: () => recordAll(url, 1), eventSource: () => listen(url) },
    rounds,
  );
  // Medians first: the difference of two times of one round may be next to nothing.
  const of = (name: 'discard' | 'record' | 'eventSource'): number => median(times.map((time) => time[name]));
  const discarding = of('discard');
  return {
    ...ratio(
      'CPU of the npm package eventsource / network to record, without discarding the bytes, 100 B events',
      (of('eventSource') - discarding) / (of('record') - discarding),
      8,
    ),
    better: 'higher',
  };
}

function parse(url: string): Promise<void> {
  const text = new TextDecoder();
  const parser = createParser({ onEvent: () => {} });
  return readBody(url, (chunk) => parser.feed(text.decode(chunk, { stream: true })));
}

async function listen(url: string): Promise<void> {
  const source = new EventSource(url);
  source.addEventListener('tick', () => {});
  await new Promise<void>((resolve) => source.addEventListener('error', () => resolve()));
  source.close();
}
