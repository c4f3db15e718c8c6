// CPU from the network to the record, as a ratio to what others take for the same bytes in the same run.
import { runChild, withSource } from './children.ts';
import { type Measure, ratio } from './measure.ts';

const mebibyte = 1024 * 1024;
/** Long enough that what each round begins with counts little: it compiles the code anew that an open stream keeps. */
const totalBytes = 64 * mebibyte;
const sizes = [
  { bytes: 100, size: '100 B', goal: 1.5 },
  { bytes: 1024, size: '1 KiB', goal: 1.5 },
  { bytes: mebibyte, size: '1 MiB', goal: 1.2 },
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
          const stream = { source, bytes, chunk, end };
          const [discard, parse, record] = await times(stream, ['discard', 'parse', 'record']);
          const name = `${size} events, ${end}, ${chunkName} chunks`;
          measures.push(
            ratio(
              `CPU of network to record / bare loop with eventsource-parser, ${name}`,
              record / parse,
              goal,
            ),
            ratio(`CPU of network to record / discarding the bytes, ${name}`, record / discard, null),
          );
        }
      }
    }
    measures.push(await decodedAgainstDrain(source), ...(await againstEventSource(source)));
    return measures;
  });
}

/** Without the record: what the decoder alone adds to reading the socket. */
async function decodedAgainstDrain(source: string): Promise<Measure> {
  const [discard, decode] = await times(smallEvents(source), ['discard', 'decode']);
  return ratio(
    'CPU of socket to decoded event / bare http.request drain, 100 B events, LF, 64 KiB chunks',
    decode / discard,
    null,
  );
}

/** Beside it what the parser alone would reach, with an empty callback. */
async function againstEventSource(source: string): Promise<Measure[]> {
  const [discard, parse, record] = await times(smallEvents(source), ['discard', 'parse', 'record']);
  const [eventSource] = await times(smallEvents(source), ['eventSource']);
  const against = (name: string, ms: number, goal: number | null): Measure => ({
    ...ratio(
      `CPU of the npm package eventsource / ${name}, without discarding the bytes, 100 B events`,
      (eventSource - discard) / (ms - discard),
      goal,
    ),
    better: 'higher',
  });
  return [against('network to record', record, 8), against('bare loop with eventsource-parser', parse, null)];
}

interface Stream {
  source: string;
  /** Of an event, and of a chunk. */
  bytes: number;
  chunk: number;
  end: string;
}

function smallEvents(source: string): Stream {
  return { source, bytes: 100, chunk: 64 * 1024, end: 'LF' };
}

/** Milliseconds that each way of taking the stream costs, in a process of its own. */
async function times<const Ways extends readonly string[]>(
  { source, bytes, chunk, end }: Stream,
  ways: Ways,
): Promise<{ [Way in keyof Ways]: number }> {
  const url = `${source}/events?event=${bytes}&total=${totalBytes}&chunk=${chunk}&end=${end}`;
  const events = Math.floor(totalBytes / mebibyte) * Math.floor(mebibyte / bytes);
  const found = await runChild('streamTimes.ts', [url, String(events), ...ways]);
  return ways.map((way) => found[way] ?? Number.NaN) as { [Way in keyof Ways]: number };
}
