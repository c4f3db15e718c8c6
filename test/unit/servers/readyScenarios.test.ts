import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { Approvals } from '../../../src/auth/approvals.ts';
import { askServer } from '../../../src/auth/askServer.ts';
import { TokenBroker } from '../../../src/auth/tokenBroker.ts';
import type { Disposable } from '../../../src/base/disposables.ts';
import { Redactor } from '../../../src/base/redaction.ts';
import { CaptureBudget } from '../../../src/capture/captureBudget.ts';
import { ConnectionLabs } from '../../../src/lab/connectionLabs.ts';
import { runOnConnection } from '../../../src/lab/connectionScenario.ts';
import { FaultRegistry } from '../../../src/lab/faultRegistry.ts';
import { readScenario } from '../../../src/lab/readScenario.ts';
import type { RecordedResult } from '../../../src/lab/recordedScenario.ts';
import type { Scenario } from '../../../src/lab/scenario.ts';
import { defaultSetup, type SampleServerSetup } from '../../../src/lab/scenarioServer.ts';
import { HttpTransport } from '../../../src/node/httpTransport.ts';
import { systemClock } from '../../../src/node/systemClock.ts';
import { startScenarioSite } from '../../../src/servers/scenarioSite.ts';
import { Session } from '../../../src/session/session.ts';
import { sessionEdges, sourceEdges } from '../../support/sessionEdges.ts';

// The scenarios that come with the extension, on the real engine and the real sample server, in real time.

const folder = join(import.meta.dirname, '../../../scenarios');
const files = readdirSync(folder).filter((name) => name.endsWith('.sse-scenario.json'));

function ready(file: string): Scenario {
  const read = readScenario(readFileSync(join(folder, file), 'utf8'));
  if (!read.ok) throw new Error(`${file}: ${read.problems.map(({ text }) => text).join(' ')}`);
  return read.scenario;
}

interface Ran {
  result: RecordedResult;
  session: Session;
  armed: number;
}

async function run(
  scenario: Scenario,
  { onTestFinished }: TestContext,
  setup: Partial<SampleServerSetup> = {},
): Promise<Ran> {
  const own = <T extends Disposable>(part: T): T => {
    onTestFinished(() => part.dispose());
    return part;
  };
  const clock = systemClock;
  const ask = async () => {
    throw new Error('Nobody is asked about a server of our own.');
  };
  const approvals = new Approvals({ read: () => [], write: async () => {} }, ask, () => '');
  const site = await startScenarioSite(
    { ...defaultSetup, ...scenario.sampleServer, ...setup },
    scenario.name,
    approvals,
  );
  onTestFinished(() => site.dispose());
  const transport = own(new HttpTransport());
  const registry = own(new FaultRegistry());
  const labs = new ConnectionLabs({ clock, random: Math.random, registry });
  const session = own(
    new Session(site.connection, {
      ...sessionEdges(),
      clock,
      random: Math.random,
      transport,
      tokens: { read: async () => undefined },
      redactor: new Redactor(),
      budget: new CaptureBudget(),
      sources: {
        ...sourceEdges(clock),
        broker: own(new TokenBroker({ clock, random: Math.random })),
        ask: askServer({ transport, clock }),
      },
      approvals,
      withFaults: (one, real, note) => labs.make(one, real, note),
    }),
  );
  const lab = labs.of(session);
  const { signal } = new AbortController();
  const result = await runOnConnection(scenario, lab, { clock, server: site.server }, signal);
  return { result, session, armed: lab.injector.armed.length };
}

function failures({ result }: Ran): string[] {
  return result.clients.flatMap(({ findings }) =>
    findings.filter(({ passed }) => !passed).map(({ text, why }) => `${text}: ${why}`),
  );
}

describe('a ready scenario', { timeout: 90_000 }, () => {
  it('is there for each of the four lessons', () => {
    expect(files.toSorted()).toEqual([
      'ignores-last-event-id.sse-scenario.json',
      'rolling-restart.sse-scenario.json',
      'token-expires.sse-scenario.json',
      'webhook-down.sse-scenario.json',
    ]);
  });

  it.concurrent.for(files)('%s passes, and its capture holds the record of it', async (file, context) => {
    const ran = await run(ready(file), context);
    expect(failures(ran)).toEqual([]);
    expect(ran.result.outcome).toBe('passed');
    expect(ran.armed).toBe(0);
    const record = ran.session.capture.at(ran.result.records[0]?.position as number);
    expect(record).toMatchObject({ kind: 'step', step: { step: 'scenario', passed: true } });
  });

  it.concurrent('fails with a client that gives up, and points at where it did', async (context) => {
    // What a browser's EventSource does: it stops at a 503.
    const ran = await run(ready('webhook-down.sse-scenario.json'), context, { policy: 'browser' });
    expect(ran.result.outcome).toBe('failed');
    const { session, result } = ran;
    const record = session.capture.at(result.records[0]?.position as number);
    if (record?.kind !== 'step' || record.step.step !== 'scenario') throw new Error('There is no record.');
    const finding = record.step.findings.find(({ text }) => text === 'is open at the end');
    expect(finding).toMatchObject({ passed: false, why: 'it is closed' });
    const [position] = finding?.positions ?? [];
    expect(session.capture.at(position as number)).toMatchObject({
      kind: 'step',
      step: { step: 'closed', reason: { kind: 'status', status: 503 } },
    });
  });
});
