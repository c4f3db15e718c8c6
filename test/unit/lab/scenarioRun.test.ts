import { beforeEach, describe, expect, it } from 'vitest';
import { Emitter } from '../../../src/base/emitter.ts';
import { Capture } from '../../../src/capture/capture.ts';
import { FaultInjector } from '../../../src/lab/faultInjector.ts';
import { readScenario } from '../../../src/lab/readScenario.ts';
import type { Scenario } from '../../../src/lab/scenario.ts';
import { type ScenarioResult, ScenarioRun } from '../../../src/lab/scenarioRun.ts';
import type { ServerControl } from '../../../src/lab/scenarioServer.ts';
import { ScenarioWatch } from '../../../src/lab/scenarioWatch.ts';
import type { Step } from '../../../src/sse/steps.ts';
import { FakeClock } from '../../support/fakeClock.ts';

let clock: FakeClock;
let injector: FaultInjector;
let watch: ScenarioWatch;
let capture: Capture;
let recorded: Emitter<void>;
let client: { isOver: boolean };
let server: ServerControl & { acts: string[] };

beforeEach(() => {
  clock = new FakeClock();
  injector = new FaultInjector(clock, 9);
  watch = new ScenarioWatch();
  capture = new Capture();
  recorded = new Emitter<void>();
  client = { isOver: false };
  server = {
    acts: [],
    setWebhook: (mode) => void server.acts.push(`webhook ${JSON.stringify(mode)}`),
    setAuthentication: (isOn) => void server.acts.push(`authentication ${isOn}`),
    setTokenLifetime: (seconds) => void server.acts.push(`lifetime ${seconds}`),
    ignoreLastEventId: (ignores) => void server.acts.push(`ignore ${ignores}`),
    restart: async (downMs) => void server.acts.push(`restart ${downMs}`),
  };
});

function scenario(parts: object): Scenario {
  const read = readScenario(
    JSON.stringify({ name: 'x', on: 'sampleServer', steps: [{ disarm: true }], ...parts }),
  );
  if (!read.ok) throw new Error(read.problems[0]?.text);
  return read.scenario;
}

let run: ScenarioRun;
let told: string[];
function begin(parts: object, isOpen = false): Promise<ScenarioResult> {
  watch.add({
    name: 'client',
    capture,
    isOpen,
    attempts: 1,
    get isOver() {
      return client.isOver;
    },
    onDidRecord: [recorded.event],
  });
  told = [];
  run = new ScenarioRun(scenario(parts), {
    clock,
    injector,
    watch,
    server,
    progress: (step, steps, text) => told.push(`${step}/${steps} ${text}`),
  });
  return run.run();
}

const head = (status: number, headers: [string, string][] = []) => ({
  status,
  statusText: '',
  httpVersion: '1.1',
  headers,
});
let attempt = 0;
function step(what: Step): void {
  capture.addStep(clock.now(), attempt, what);
  recorded.fire();
}
function open(lastEventId = ''): void {
  attempt++;
  const request = { time: clock.now(), method: 'GET', url: 'http://x/', headers: [] };
  step({ step: 'open', head: head(200), cause: 'connect', ms: 0, lastEventId, redirects: 0, request });
}
function answer(status: number, headers: [string, string][] = []): void {
  attempt++;
  const request = { time: clock.now(), method: 'GET', url: 'http://x/', headers: [] };
  step({ step: 'answer', head: head(status, headers), body: '', browser: { do: 'stop' }, request });
}
function lose(): void {
  const end = { kind: 'error', error: 'reset', code: '', message: '' } as const;
  step({ step: 'ended', end, wasOpen: true, openMs: 0, browser: { do: 'stop' } });
}
function events(...ids: number[]): void {
  for (const id of ids)
    capture.addEvent(
      clock.now(),
      attempt,
      'message',
      undefined,
      new TextEncoder().encode(`id: ${id}\ndata: x\n\n`),
    );
  recorded.fire();
}
/** Lets what was heard be acted on. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

function findings({ clients: [first] }: ScenarioResult): string[] {
  return (first?.findings ?? []).map(
    ({ text, passed, why }) => `${passed ? 'passed' : 'failed'}: ${text}: ${why}`,
  );
}

describe('a scenario', () => {
  beforeEach(() => {
    attempt = 0;
  });

  it('goes on with each thing it waits for, and counts what happened since the last one only', async () => {
    const ended = begin({
      steps: [{ waitFor: 'open' }, { waitFor: 'event', count: 3 }, { waitFor: 'event', count: 2 }],
    });
    events(1, 2, 3, 4, 5);
    open();
    await settle();
    events(6, 7);
    await settle();
    expect(told).toEqual(['1/3 wait for an open stream', '2/3 wait for 3 events']);
    events(8, 9);
    await settle();
    expect(told).toHaveLength(3);
    events(10);
    expect(await ended).toMatchObject({ outcome: 'passed', clients: [{ findings: [] }] });
    expect(clock.pending).toBe(0);
  });

  it('does not take for an answer what was there before it did something', async () => {
    const ended = begin({ steps: [{ server: { restart: {} } }, { waitFor: 'open' }] }, true);
    await settle();
    expect(told).toHaveLength(2);
    open();
    expect((await ended).outcome).toBe('passed');
    expect(server.acts).toEqual(['restart 0']);
  });

  it('arms for attempts, repeats, and disarms at its end', async () => {
    const ended = begin({
      seed: 7,
      steps: [
        { repeat: 2, steps: [{ arm: [{ kind: 'status', status: 503 }], attempts: 2 }] },
        { waitFor: 'open' },
      ],
    });
    await settle();
    expect(injector.seed).toBe(7);
    expect(injector.armed.map(({ left }) => left)).toEqual([2, 2]);
    open();
    await ended;
    expect(injector.armed).toEqual([]);
  });

  it('leaves alone what others armed', async () => {
    injector.arm([{ kind: 'cut', afterEvents: 0, how: 'end' }]);
    await begin({ steps: [{ arm: [{ kind: 'status', status: 503 }] }, { disarm: true }] });
    expect(injector.armed).toHaveLength(1);
  });

  it('fails where something does not happen in its time', async () => {
    const ended = begin({ steps: [{ waitFor: 'event', withinMs: 2_000 }], expect: [{ state: 'open' }] });
    clock.advance(2_000);
    const result = await ended;
    expect(result.outcome).toBe('failed');
    expect(findings(result)).toEqual([
      'failed: step 1 of 1: wait for an event: it did not happen within 2 s',
      'failed: is open at the end: it is not connected',
    ]);
  });

  it('fails at once where the client has given up', async () => {
    const ended = begin({ steps: [{ waitFor: 'open' }] });
    client.isOver = true;
    step({ step: 'closed', reason: { kind: 'disconnected' } });
    expect(findings(await ended)[0]).toMatch(/the connection is closed$/);
    expect(clock.pending).toBe(0);
  });

  it('ends in its time, whatever its steps wait for', async () => {
    const ended = begin({ timeoutMs: 5_000, steps: [{ waitFor: 'open', withinMs: 60_000 }] });
    clock.advance(5_000);
    expect(findings(await ended)).toEqual([
      'failed: step 1 of 1: wait for an open stream: the scenario ended after 5 s, as "timeoutMs" says',
    ]);
  });

  it('is cancelled in the middle, disarmed', async () => {
    const ended = begin({
      steps: [{ arm: [{ kind: 'status', status: 503 }] }, { waitMs: 50_000 }, { waitFor: 'open' }],
    });
    await settle();
    expect(injector.armed).toHaveLength(1);
    run.cancel();
    expect(await ended).toEqual({ outcome: 'cancelled', clients: [] });
    expect(injector.armed).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('fails where nothing is open to inject into', async () => {
    const result = await begin({ steps: [{ inject: { kind: 'cut' } }] });
    expect(findings(result)[0]).toMatch(/no stream was open/);
  });

  it('says what came of each expectation, with the records that show it', async () => {
    const ended = begin({
      steps: [{ waitFor: 'closed' }],
      expect: [
        { answered: 503 },
        { answered: 401 },
        { reconnectWithinMs: 4_000 },
        { eventsLost: 1, eventsDoubled: 0 },
        { eventsDoubledAtLeast: 1 },
        { lastEventIdSent: true },
        { retryAfterKept: true },
        { attemptsAtMost: 2, refreshesAtMost: 0, refreshesAtLeast: 0 },
        { state: 'closed' },
      ],
    });
    open();
    events(1, 2, 3);
    lose();
    clock.advance(1_000);
    answer(503, [['Retry-After', '5']]);
    clock.advance(4_000);
    open('2');
    events(3, 6);
    step({ step: 'closed', reason: { kind: 'disconnected' } });
    const result = await ended;
    expect(findings(result)).toEqual([
      'passed: meets an answer of 503: met',
      'failed: meets an answer of 401: only 200, 503',
      'failed: reconnects within 4 s: it has not come back for 0 ms',
      'failed: loses at most 1 event: 2 events lost',
      'failed: gets no event twice: 1 event came again',
      'passed: gets 1 event or more twice: 1 event came again',
      'failed: resumes with Last-Event-ID: attempt 2 sent none after the event "3"',
      'failed: keeps to Retry-After: came back 1000 ms too early after Retry-After: 5',
      'failed: makes at most 2 attempts: 3 attempts made',
      'passed: never refreshes its token: refreshed never',
      'passed: refreshes its token never or more: refreshed never',
      'passed: is closed at the end: it is closed',
    ]);
    const [lost] = result.clients[0]?.findings.find(({ text }) => text.startsWith('loses'))?.positions ?? [];
    expect(capture.at(lost as number)).toMatchObject({ kind: 'event', number: 5 });
  });

  it('does not take for granted what its ids can not tell', async () => {
    const ended = begin({
      steps: [{ waitFor: 'closed' }],
      expect: [{ eventsLost: 0 }, { lastEventIdSent: true }],
    });
    open();
    capture.addEvent(clock.now(), attempt, 'message', undefined, new TextEncoder().encode('data: x\n\n'));
    recorded.fire();
    lose();
    open();
    capture.addEvent(clock.now(), attempt, 'message', undefined, new TextEncoder().encode('data: x\n\n'));
    step({ step: 'closed', reason: { kind: 'disconnected' } });
    expect(findings(await ended)).toEqual([
      'failed: loses no event: the ids of its events do not tell: it takes three that rise evenly before',
      'failed: resumes with Last-Event-ID: no attempt was made after an event with an id',
    ]);
  });
});
