// CPU time from socket to decoded event, as a ratio to what Node takes to read the same bytes and drop them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createParser } from 'eventsource-parser';
import { Capture } from '../../src/capture/capture.ts';
import { HttpTransport } from '../../src/node/httpTransport.ts';
import { Decoder, type DecoderSink } from '../../src/sse/decoder.ts';
import type { Measure } from './measure.ts';

const rounds = 5;
const totalBytes = 48 * 1024 * 1024;
const sizes = [
  { bytes: 100, name: '100 B' },
  { bytes: 1024, name: '1 KiB' },
];

/** Reads a whole response. */
type Reader = (url: string) => Promise<void>;

const readBare: Reader = (url) => readBody(url, () => {});

const readWithParser: Reader = (url) => {
  const text = new TextDecoder();
  const parser = createParser({ onEvent: () => {} });
  return readBody(url, (chunk) => parser.feed(text.decode(chunk, { stream: true })));
};

const readOurs: Reader = (url) => readDecoded(url, { event: () => {} });

const readCaptured: Reader = (url) => {
  const capture = new Capture();
  return readDecoded(url, {
    event: (event, block) => capture.addEvent(0, 1, event.type, event.lastEventId, block),
  });
};

const readers = { bare: readBare, parser: readWithParser, ours: readOurs, captured: readCaptured };
type Name = keyof typeof readers;

export async function measureStreamCpu(): Promise<Measure[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'sseSource.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [port] = (await once(createInterface(child.stdout), 'line')) as [string];
    const measures: Measure[] = [];
    for (const { bytes, name } of sizes) {
      const url = `http://127.0.0.1:${port}/?event=${bytes}&total=${totalBytes}`;
      const times: Record<Name, number[]> = { bare: [], parser: [], ours: [], captured: [] };
      // The first round warms up; within a round all are measured one after the other, so that what else the
      // machine does falls on all alike.
      for (let round = 0; round <= rounds; round++) {
        for (const [reader, read] of Object.entries(readers) as [Name, Reader][]) {
          const ms = await cpuOf(() => read(url));
          if (round > 0) times[reader].push(ms);
        }
      }
      const ratio = (of: Name, to: Name): number =>
        median(times[of].map((ms, round) => ms / (times[to][round] ?? Number.NaN)));
      const add = (what: string, value: number, goal: number | null): void =>
        void measures.push({
          name: `${what}, ${name} events`,
          value: round2(value),
          unit: 'x',
          better: 'lower',
          goal,
        });
      add('CPU of socket to decoded event / bare http.request drain', ratio('ours', 'bare'), null);
      add('CPU of socket to captured event / bare http.request drain', ratio('captured', 'bare'), null);
      add('CPU of socket to decoded event / bare loop with eventsource-parser', ratio('ours', 'parser'), 1.5);
      add(
        'CPU of socket to captured event / bare loop with eventsource-parser',
        ratio('captured', 'parser'),
        null,
      );
    }
    return measures;
  } finally {
    child.stdin.end();
    if (child.exitCode === null) await once(child, 'exit');
  }
}

async function readBody(url: string, onChunk: (chunk: Buffer) => void): Promise<void> {
  const outgoing = request(url, { agent: false });
  outgoing.end();
  const [response] = await once(outgoing, 'response');
  response.on('data', onChunk);
  await once(response, 'end');
}

async function readDecoded(url: string, sink: Pick<DecoderSink, 'event'>): Promise<void> {
  const transport = new HttpTransport();
  const decoder = new Decoder({ comment: () => {}, retry: () => {}, dropped: () => {}, ...sink });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  transport.open(
    { url, method: 'GET', headers: [] },
    {
      head: () => {},
      chunk: (bytes) => decoder.push(bytes),
      end: (end) => (end.kind === 'end' ? resolve() : reject(new Error(end.message))),
    },
  );
  await promise;
  transport.dispose();
}

/** Milliseconds of CPU, of user and system together. */
async function cpuOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
