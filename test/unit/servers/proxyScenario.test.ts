import { EventSource } from 'eventsource';
import { afterEach, describe, expect, it } from 'vitest';
import { runOnProxy } from '../../../src/lab/proxyScenario.ts';
import { readScenario } from '../../../src/lab/readScenario.ts';
import type { RecordedResult } from '../../../src/lab/recordedScenario.ts';
import { systemClock } from '../../../src/node/systemClock.ts';
import { startProxied } from '../../support/proxied.ts';
import { useSampleServers } from '../../support/sampleServers.ts';

// Someone else's client, through the proxy: the same interpreter, and each client is judged by itself.

const startServer = useSampleServers();
const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A proxy before the sample server, and how to run a scenario on it. */
async function proxied() {
  const sample = await startServer({ authentication: false, intervalMs: 50 });
  const { proxy, injector } = await startProxied(cleanups, (_, response) => response.end(), {
    upstream: new URL(`${sample.url}/events/orders`),
  });
  const run = (parts: object): Promise<RecordedResult> => {
    const read = readScenario(JSON.stringify({ name: 'x', on: 'proxy', ...parts }));
    if (!read.ok) throw new Error(read.problems[0]?.text);
    return runOnProxy(read.scenario, proxy, injector, { clock: systemClock }, new AbortController().signal);
  };
  return { proxy, injector, run };
}

function connect(url: string): void {
  const source = new EventSource(url);
  cleanups.push(() => source.close());
}

function found({ clients }: RecordedResult): string[] {
  return clients.flatMap(({ client, findings }) =>
    findings.map(
      ({ text, passed, why }) => `${client?.name}: ${passed ? 'passed' : 'failed'}: ${text}: ${why}`,
    ),
  );
}

describe('a scenario on a proxy', () => {
  it('passes with a client that comes back by its id', async () => {
    const { proxy, injector, run } = await proxied();
    const ended = run({
      steps: [
        { waitFor: 'event', count: 3 },
        { inject: { kind: 'cut' } },
        { waitFor: 'open' },
        { waitFor: 'event', count: 3 },
      ],
      expect: [{ lastEventIdSent: true }, { eventsLost: 0, eventsDoubled: 0 }, { state: 'open' }],
    });
    connect(proxy.url);
    const result = await ended;
    expect(found(result)).toEqual([
      'orders: client 1: passed: resumes with Last-Event-ID: sent with 1 attempt',
      'orders: client 1: passed: loses no event: no events lost',
      'orders: client 1: passed: gets no event twice: no events came again',
      'orders: client 1: passed: is open at the end: it is open',
    ]);
    const [record] = result.records;
    expect(record?.client.capture.at(record.position)).toMatchObject({
      step: { step: 'scenario', passed: true },
    });
    expect(injector.isArmed).toBe(false);
  });

  it('fails with one that gives up at a 503, which EventSource does, and shows where', async () => {
    const { proxy, run } = await proxied();
    connect(proxy.url);
    const result = await run({
      steps: [
        { waitFor: 'event' },
        { arm: [{ kind: 'status', status: 503, headers: [['Retry-After', '1']] }], attempts: 1 },
        { inject: { kind: 'cut' } },
        { waitFor: 'attempt' },
        { waitFor: 'open', withinMs: 1_500 },
      ],
      expect: [{ answered: 503 }, { state: 'open' }],
    });
    expect(result.outcome).toBe('failed');
    expect(found(result).map((text) => text.replace(/^.*?: client 1: /, ''))).toEqual([
      'failed: step 5 of 5: wait for an open stream: it did not happen within 1.5 s',
      'passed: meets an answer of 503: met',
      'failed: is open at the end: it is closed',
    ]);
    const [record] = result.records;
    const [, , closed] = result.clients[0]?.findings ?? [];
    expect(record?.client.capture.at(closed?.positions[0] as number)).toMatchObject({
      step: { step: 'answer', head: { status: 503, injected: true } },
    });
  });

  it('fails where nobody came', async () => {
    const { run } = await proxied();
    const result = await run({ steps: [{ waitMs: 1 }] });
    expect(result).toMatchObject({ outcome: 'failed', records: [] });
    expect(found(result)).toEqual(['undefined: failed: a client: none came']);
  });
});
