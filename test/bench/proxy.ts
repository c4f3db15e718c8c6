// What the fault proxy costs with nothing armed, beside a proxy that only pipes, in the same run.
import { get } from 'node:http';
import { withServer, withSource } from './children.ts';
import { type Measure, median, round } from './measure.ts';

const mebibyte = 1024 * 1024;
const totalBytes = 64 * mebibyte;
const rounds = 10;
const paced = { event: 200, perSecond: 1_000, seconds: 4 };

export async function measureProxy(): Promise<Measure[]> {
  return withSource((source) =>
    withServer('proxyServer.ts', ['pipe', source], (pipe) =>
      withServer('proxyServer.ts', ['fault', source], async (fault) => [
        await throughput(pipe, fault, 16 * 1024, '16 KiB'),
        await throughput(pipe, fault, 1024, '1 KiB'),
        await throughput(pipe, fault, 100, '100 B'),
        ...(await latency(source, pipe, fault)),
      ]),
    ),
  );
}

async function throughput(pipe: string, fault: string, bytes: number, size: string): Promise<Measure> {
  const path = `/events?event=${bytes}&total=${totalBytes}&chunk=${64 * 1024}&end=LF`;
  // The least of many rounds, one after the other: what else the machine does only ever adds.
  const least = { pipe: Number.POSITIVE_INFINITY, fault: Number.POSITIVE_INFINITY };
  for (let i = 0; i < rounds; i++) {
    least.pipe = Math.min(least.pipe, await timeOf(pipe + path));
    least.fault = Math.min(least.fault, await timeOf(fault + path));
  }
  return {
    name: `Throughput of the fault proxy with nothing armed / bare pipe proxy, ${size} events`,
    value: round(least.pipe / least.fault, 2),
    unit: 'x',
    better: 'higher',
    goal: 0.8,
  };
}

async function latency(source: string, pipe: string, fault: string): Promise<Measure[]> {
  const { event, perSecond, seconds } = paced;
  const path = `/paced?event=${event}&perSecond=${perSecond}&seconds=${seconds}`;
  const direct = await middleDelay(source + path);
  const name = (of: string): string => `Added latency of ${of}, p50, ${perSecond} events/s`;
  const measure = { unit: 'ms', better: 'lower' } as const;
  return [
    {
      ...measure,
      name: name('the fault proxy'),
      value: round((await middleDelay(fault + path)) - direct, 2),
      goal: 1,
    },
    {
      ...measure,
      name: name('a bare pipe proxy'),
      value: round((await middleDelay(pipe + path)) - direct, 2),
      goal: null,
    },
  ];
}

/** Milliseconds until all of it is there. */
function timeOf(url: string): Promise<number> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (answer) => {
      answer.on('data', () => {});
      answer.on('end', () => resolve(performance.now() - start));
      answer.on('error', reject);
    }).on('error', reject);
  });
}

/** Milliseconds from when an event was written until it was there: the median. */
function middleDelay(url: string): Promise<number> {
  const delays: number[] = [];
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (answer) => {
      answer.setEncoding('latin1').on('data', (text: string) => {
        const now = performance.timeOrigin + performance.now();
        for (const [, sent] of text.matchAll(/"sent":([\d.]+)/g)) delays.push(now - Number(sent));
      });
      answer.on('end', () => resolve(median(delays)));
      answer.on('error', reject);
    }).on('error', reject);
  });
}
