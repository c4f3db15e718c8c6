import { afterEach, describe, expect, it } from 'vitest';
import { askServer } from '../../../src/auth/askServer.ts';
import { TokenBroker } from '../../../src/auth/tokenBroker.ts';
import { type Disposable, toDisposable } from '../../../src/base/disposables.ts';
import { Redactor } from '../../../src/base/redaction.ts';
import { CaptureBudget } from '../../../src/capture/captureBudget.ts';
import type { Recovery } from '../../../src/capture/records.ts';
import type { ConnectionInput } from '../../../src/config/connectionSettings.ts';
import { readConnections } from '../../../src/config/readConnections.ts';
import type { ConnectionLab } from '../../../src/lab/connectionLab.ts';
import { ConnectionLabs } from '../../../src/lab/connectionLabs.ts';
import { FaultRegistry } from '../../../src/lab/faultRegistry.ts';
import {
  lastChallenges,
  lastFailure,
  standardChallenge,
  unauthorized,
  unavailable,
} from '../../../src/lab/replays.ts';
import { HttpTransport } from '../../../src/node/httpTransport.ts';
import { describeStep } from '../../../src/session/describe.ts';
import { recoveryText } from '../../../src/session/labWords.ts';
import { ownIdOf } from '../../../src/session/lastEventIdOf.ts';
import { Session } from '../../../src/session/session.ts';
import type { Step } from '../../../src/sse/steps.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { eventStream, HttpServer } from '../../support/httpServer.ts';
import { startJwtBackend } from '../../support/peers/jwtBackend.ts';
import { useSampleServers } from '../../support/sampleServers.ts';
import { sessionEdges, sourceEdges } from '../../support/sessionEdges.ts';
import { reaches, steps, stepsOf } from '../../support/sessionWaits.ts';

// Faults on sessions that talk to real servers; only the waits are by a clock of the test's own.

const disposables: { dispose(): void | Promise<void> }[] = [];
const startSample = useSampleServers();

afterEach(async () => {
  for (const item of disposables.splice(0).reverse()) await item.dispose();
});

/** Only waits stand still: what comes in the next turn does so. */
class WaitClock extends FakeClock {
  override after(ms: number, callback: () => void): Disposable {
    if (ms > 0) return super.after(ms, callback);
    const timer = setImmediate(callback);
    return toDisposable(() => clearImmediate(timer));
  }
}

interface Bench {
  session: Session;
  lab: ConnectionLab;
  clock: FakeClock;
  faults: FaultRegistry;
}

function connectionTo(input: Omit<ConnectionInput, 'name'>, random = () => 0): Bench {
  const clock = new WaitClock(Date.now());
  const transport = new HttpTransport();
  const broker = new TokenBroker({ clock, random: () => 0 });
  const faults = new FaultRegistry();
  const labs = new ConnectionLabs({ clock, random: () => 0, registry: faults });
  const { connections, problems } = readConnections([{ scope: 'user', value: [{ name: 'c', ...input }] }]);
  expect(problems).toEqual([]);
  const [settings] = connections;
  if (!settings) throw new Error('There is no connection.');
  const session = new Session(settings, {
    clock,
    random,
    transport,
    tokens: { read: async () => undefined },
    redactor: new Redactor(),
    budget: new CaptureBudget(),
    ...sessionEdges(),
    sources: { ...sourceEdges(clock), broker, ask: askServer({ transport, clock }) },
    withFaults: (one, real, ports) => labs.make(one, real, ports),
  });
  disposables.push(transport, broker, faults, session);
  return { session, lab: labs.of(session), clock, faults };
}

async function received(session: Session, events: number): Promise<void> {
  while (session.capture.events < events) {
    await new Promise<void>((resolve) => {
      const subscription = session.onDidReceive(() => {
        subscription.dispose();
        resolve();
      });
    });
  }
}

const verdictOf = ({ lab }: Bench): Promise<Recovery> =>
  new Promise((resolve) => void disposables.push(lab.onDidRecover(resolve)));

/** Ends the wait that the session is in. */
async function skipWait({ session, clock }: Bench): Promise<void> {
  await reaches(session, 'waiting');
  if (session.state.kind === 'waiting') clock.advance(session.state.until - clock.now());
}

function idsOf({ capture }: Session): number[] {
  const ids: number[] = [];
  for (let position = capture.first; position < capture.next; position++) {
    const record = capture.at(position);
    if (record?.kind === 'event') ids.push(Number(ownIdOf(record)));
  }
  return ids;
}

const inTurn = (ids: readonly number[]): number[] => ids.map((_, i) => (ids[0] ?? 0) + i);
const kinds = (session: Session): string[] => stepsOf(session).map(({ step }) => step);

/** Where a token comes from, and the stream that takes it. */
const peers = {
  'the sample server': async (): Promise<Omit<ConnectionInput, 'name'>> => {
    const sample = await startSample();
    return {
      url: `${sample.url}/events/orders`,
      auth: { placement: 'header', token: { from: 'endpoint', url: sample.tokenUrl } },
    };
  },
  'better-sse with tokens of oauth2-mock-server': async (): Promise<Omit<ConnectionInput, 'name'>> => {
    const backend = await startJwtBackend({ intervalMs: 10 });
    disposables.push(backend);
    const token = {
      from: 'oauth2' as const,
      grant: 'client_credentials' as const,
      tokenEndpoint: `${backend.issuer}/token`,
      clientId: 'debugger',
    };
    return { url: backend.url, auth: { placement: 'header', token } };
  },
};

describe.each(Object.entries(peers))('Replay 401 on %s', (_, start) => {
  it('has one token refreshed and one reconnect, resumes by id, and neither misses nor doubles an event', async () => {
    const bench = connectionTo(await start());
    const { session, lab } = bench;
    session.connect();
    await received(session, 5);
    const verdict = verdictOf(bench);
    expect(lab.arm([unauthorized([standardChallenge])], 1, 'now')).toBe('now');
    await skipWait(bench);
    await steps(session, 'tokenRefreshed');
    await skipWait(bench);
    // From the 401 on: the cut before it is the lab's own, and its wait none that a 401 costs.
    expect(await verdict).toEqual({
      fault: '401 Unauthorized',
      recovered: true,
      attempts: 1,
      ms: 500,
      refreshes: 1,
      missed: 0,
      doubled: 0,
    });
    expect(kinds(session)).toEqual([
      'open',
      'ended',
      'waiting',
      'answer',
      'tokenRefreshed',
      'waiting',
      'open',
      'verdict',
    ]);
    const [, reopened] = (await steps(session, 'open', 2)) as { lastEventId?: string }[];
    await received(session, session.capture.events + 3);
    const ids = idsOf(session);
    expect(ids).toEqual(inTurn(ids));
    expect(ids).toContain(Number(reopened?.lastEventId));
  });
});

describe('Replay 401', () => {
  /** A stream of the sample server's, and the endpoint of its tokens, which answers as it is told to. */
  async function mintedStream(policy: Partial<ConnectionInput> = {}) {
    const sample = await startSample();
    const mint = {
      status: 200,
      server: await HttpServer.start(async (_, response) => {
        if (mint.status !== 200) return response.writeHead(mint.status).end();
        const access_token = await sample.mint();
        return response
          .writeHead(200, { 'Content-Type': 'application/json' })
          .end(JSON.stringify({ access_token }));
      }),
    };
    disposables.push({ dispose: () => mint.server.close() });
    const bench = connectionTo({
      url: `${sample.url}/events/orders`,
      auth: { placement: 'header', token: { from: 'endpoint', url: mint.server.url } },
      ...policy,
    });
    return { mint, bench };
  }

  /** That stream after a replayed 401, at which the token's source answers with this status. */
  async function refusedWith(status: number, policy?: Partial<ConnectionInput>) {
    const { mint, bench } = await mintedStream(policy);
    const { session, lab, clock } = bench;
    session.connect();
    await received(session, 3);
    mint.status = status;
    const verdict = verdictOf(bench);
    lab.arm([unauthorized([standardChallenge])], 1, 'now');
    await skipWait(bench);
    return { mint, bench, session, clock, verdict };
  }

  it("stops after the second, with its sentence, where the token's source is broken", async () => {
    const { mint, bench } = await mintedStream();
    const { session, lab } = bench;
    session.connect();
    await received(session, 3);
    const verdict = verdictOf(bench);
    lab.arm([unauthorized([standardChallenge])], 2, 'now');
    await skipWait(bench);
    await steps(session, 'tokenRefreshed');
    mint.status = 500;
    await skipWait(bench);
    await reaches(session, 'closed');
    const { recovered, attempts, refreshes, reason } = await verdict;
    expect({ recovered, attempts, refreshes }).toEqual({ recovered: false, attempts: 1, refreshes: 1 });
    expect(reason).toContain('The token before it was refused, too: no third one is tried');
    expect(lab.injector.armed).toEqual([]);
    // Nothing goes on by itself.
    bench.clock.advance(600_000);
    expect(session.state.kind).toBe('closed');
  });

  it("stops after the first, with the source's sentence, where that refuses another token", async () => {
    const { mint, session, clock, verdict } = await refusedWith(403);
    await reaches(session, 'closed');
    expect(kinds(session).slice(-4)).toEqual(['answer', 'tokenRefreshFailed', 'closed', 'verdict']);
    expect(recoveryText(await verdict)).toMatch(
      /^Stopped without a new attempt in .*, 1 refresh: The server answered 401\. .*tokenServer\.status .*"status":403/,
    );
    clock.advance(600_000);
    expect(session.state.kind).toBe('closed');
    expect(mint.server.requests).toHaveLength(2);
  });

  it('asks a source that fails for now again, ever more seldom, and the server only with another token', async () => {
    const { mint, session, clock, verdict } = await refusedWith(500);
    const waits: number[] = [];
    for (let failure = 1; failure <= 4; failure++) {
      const failed = await steps(session, 'tokenRefreshFailed', failure);
      expect(describeStep(failed[failure - 1] as Step, 1).text).toMatch(
        /^No token from the endpoint: tokenServer\.status .*"status":500/,
      );
      await reaches(session, 'waiting');
      if (session.state.kind !== 'waiting') throw new Error('It goes on at once.');
      expect(session.state.cause).toEqual({ kind: 'tokenSource' });
      waits.push(session.state.until - clock.now());
      if (failure === 4) mint.status = 200;
      clock.advance(session.state.until - clock.now());
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(await verdict).toEqual({
      fault: '401 Unauthorized',
      recovered: true,
      attempts: 4,
      ms: 15_000,
      refreshes: 1,
      missed: 0,
      doubled: 0,
    });
    // Those without a token sent no request, least of all with the one that was refused.
    expect(kinds(session).filter((kind) => kind === 'answer' || kind === 'open')).toEqual([
      'open',
      'answer',
      'open',
    ]);
  });

  it('gives up a source that fails for good where the number of attempts is limited, and says so', async () => {
    // The cut is the first failure, the refresh the second.
    const { bench, session, clock, verdict } = await refusedWith(500, { reconnect: { maxAttempts: 3 } });
    await steps(session, 'tokenRefreshFailed');
    await skipWait(bench);
    expect(recoveryText(await verdict)).toMatch(
      /^Stopped after 1 attempt in .*, 1 refresh: Gave up after 3 failures in a row/,
    );
    clock.advance(600_000);
    expect(session.state.kind).toBe('closed');
  });

  it('waits for the next attempt where nothing is connected, and sends nothing then', async () => {
    const server = await HttpServer.start(
      (_, response) => void response.writeHead(200, eventStream).write('data: x\n\n'),
    );
    disposables.push({ dispose: () => server.close() });
    const { session, lab, faults } = connectionTo({ url: server.url });
    expect(lab.arm([unauthorized([])], 1, 'now')).toBe('armed');
    expect(session.armedFaults).toBe('401 Unauthorized at the next attempt');
    expect(faults.armed.map(({ name }) => name)).toEqual(['c']);
    session.connect();
    const [answer] = await steps(session, 'answer');
    expect(describeStep(answer as never, 1)).toMatchObject({
      icon: 'beaker',
      text: expect.stringContaining('Injected: 401 Unauthorized'),
      aside: 'EventSource: would stop here',
    });
    expect(session.armedFaults).toBe('');
    expect(server.requests).toEqual([]);
  });

  it('skips the wait that the connection is in', async () => {
    const server = await HttpServer.start((_, response) => void response.writeHead(503).end());
    disposables.push({ dispose: () => server.close() });
    const { session, lab } = connectionTo({ url: server.url });
    session.connect();
    await reaches(session, 'waiting');
    expect(lab.arm([unauthorized([])], 1, 'now')).toBe('now');
    await reaches(session, 'needsToken');
    expect(kinds(session)).toEqual(['answer', 'waiting', 'forced', 'answer', 'needsToken', 'verdict']);
  });
});

describe('Replay 503', () => {
  async function stream(): Promise<HttpServer> {
    const server = await HttpServer.start(
      (_, response) => void response.writeHead(200, eventStream).write('id: 1\ndata: x\n\n'),
    );
    disposables.push({ dispose: () => server.close() });
    return server;
  }

  it('with Retry-After makes the next attempt then, or a little later', async () => {
    const server = await stream();
    const bench = connectionTo({ url: server.url });
    const { session, lab, clock } = bench;
    lab.arm([unavailable('3')], 1, 'next');
    session.connect();
    await reaches(session, 'waiting');
    clock.advance(2_999);
    expect(session.state).toMatchObject({ kind: 'waiting', cause: { kind: 'retryAfter', value: '3' } });
    expect(server.requests).toEqual([]);
    const verdict = verdictOf(bench);
    clock.advance(301);
    expect(await verdict).toMatchObject({ recovered: true, attempts: 1, missed: 0, doubled: 0 });
    expect(server.requests).toHaveLength(1);
  });

  it.each([0, 0.4, 0.999])(
    'without waits 1, 2, 4 ... 30 s, less the jitter (%d of its half)',
    async (jitter) => {
      const server = await stream();
      const bench = connectionTo({ url: server.url }, () => jitter);
      const { session, lab, clock } = bench;
      lab.arm([unavailable()], 7, 'next');
      const verdict = verdictOf(bench);
      session.connect();
      const waits: number[] = [];
      for (let i = 1; i <= 7; i++) {
        await steps(session, 'waiting', i);
        const { state } = session;
        if (state.kind !== 'waiting') throw new Error(`It is ${state.kind}.`);
        waits.push(state.until - clock.now());
        clock.advance(state.until - clock.now());
      }
      const full = [1, 2, 4, 8, 16, 30, 30];
      expect(waits).toEqual(full.map((seconds) => Math.round(seconds * 1_000 * (1 - jitter / 2))));
      expect(server.requests.length).toBeLessThan(2);
      expect(recoveryText(await verdict)).toMatch(
        /^Recovered after 7 attempts in (1 m )?\d+ s: no event missed or doubled$/,
      );
    },
  );
});

describe('Cut Stream and Stall', () => {
  it.each(['end', 'reset', 'midEvent'] as const)(
    'resumes after a cut (%s) without losing an event',
    async (how) => {
      const sample = await startSample();
      sample.setAuthentication(false);
      const bench = connectionTo({ url: `${sample.url}/events/orders` });
      const { session, lab } = bench;
      session.connect();
      await received(session, 4);
      const verdict = verdictOf(bench);
      expect(lab.inject({ kind: 'cut', afterEvents: 0, how })).toBe(true);
      await skipWait(bench);
      expect(await verdict).toMatchObject({ recovered: true, attempts: 1, missed: 0, doubled: 0 });
      const ids = idsOf(session);
      expect(ids).toEqual(inTurn(ids));
    },
  );

  it('counts what a server sends again that ignores Last-Event-ID', async () => {
    const sample = await startSample();
    sample.setAuthentication(false);
    sample.ignoreLastEventId(true);
    const bench = connectionTo({ url: `${sample.url}/events/orders` });
    const { session, lab } = bench;
    session.connect();
    await received(session, 4);
    const verdict = verdictOf(bench);
    lab.inject({ kind: 'cut', afterEvents: 0, how: 'reset' });
    const before = new Set(idsOf(session)).size;
    await skipWait(bench);
    expect(await verdict).toMatchObject({ recovered: true, missed: 0, doubled: before });
  });

  it('is cut off by the idle timeout in a silence, and comes back', async () => {
    const sample = await startSample();
    sample.setAuthentication(false);
    const bench = connectionTo({ url: `${sample.url}/events/orders`, idleTimeoutMs: 10_000 });
    const { session, lab, clock } = bench;
    session.connect();
    await received(session, 4);
    const verdict = verdictOf(bench);
    lab.inject({ kind: 'stall', afterEvents: 0 });
    clock.advance(10_000);
    await skipWait(bench);
    expect(await verdict).toMatchObject({ fault: 'silence', recovered: true, attempts: 1, missed: 0 });
    expect(kinds(session)).toEqual(['open', 'fault', 'ended', 'waiting', 'open', 'verdict']);
  });
});

describe('Replay Last Failure', () => {
  it('answers what the server answered: status, fields but those of one exchange, and body', async () => {
    const server = await HttpServer.start(
      (_, response) =>
        void response
          .writeHead(403, {
            'X-Reason': 'tenant',
            'Set-Cookie': 'sid=abcdefghijkl',
            Connection: 'close, X-Hop',
            'X-Hop': '1',
          })
          .end('{"why":"tenant"}'),
    );
    disposables.push({ dispose: () => server.close() });
    const { session, lab } = connectionTo({ url: server.url });
    expect(lastFailure(session.capture)).toBeUndefined();
    session.connect();
    await reaches(session, 'closed');
    const fault = lastFailure(session.capture);
    if (fault?.kind !== 'status') throw new Error('It is no answer.');
    const names = fault.headers.map(([name]) => name.toLowerCase());
    expect(names).toContain('x-reason');
    for (const name of ['connection', 'x-hop', 'content-length', 'transfer-encoding'])
      expect(names).not.toContain(name);
    expect(JSON.stringify(fault)).not.toContain('abcdefghijkl');
    lab.arm([fault], 1, 'next');
    session.connect();
    const [real, again] = await steps(session, 'answer', 2);
    expect(again).toMatchObject({ body: '{"why":"tenant"}', head: { status: 403, injected: true } });
    expect(real).not.toMatchObject({ head: { injected: true } });
    expect(server.requests).toHaveLength(1);
    // What was injected is no failure of the server's.
    expect(lastFailure(session.capture)).toEqual(fault);
  });

  it('knows the last real challenge, and an end as a cut', async () => {
    let count = 0;
    const server = await HttpServer.start((_, response) => {
      count++;
      if (count === 1) response.writeHead(401, { 'WWW-Authenticate': 'Bearer realm="a"' }).end();
      else response.writeHead(200, eventStream).end('data: x\n\n');
    });
    disposables.push({ dispose: () => server.close() });
    const { session } = connectionTo({ url: server.url, policy: 'browser' });
    session.connect();
    await reaches(session, 'closed');
    expect(lastChallenges(session.capture)).toEqual(['Bearer realm="a"']);
    session.connect();
    await reaches(session, 'waiting');
    expect(lastFailure(session.capture)).toEqual({ kind: 'cut', afterEvents: 0, how: 'end' });
  });

  it('takes no time from an answer that is replayed', async () => {
    const date = new Date(Date.now() - 3_600_000).toUTCString();
    const server = await HttpServer.start((_, response) => void response.writeHead(403).end());
    disposables.push({ dispose: () => server.close() });
    const { session, lab } = connectionTo({ url: server.url });
    lab.arm([{ kind: 'status', status: 403, headers: [['Date', date]], body: '' }], 1, 'next');
    session.connect();
    await reaches(session, 'closed');
    expect(session.tokenContext.skewMs).toBeUndefined();
  });

  it('breaks before the answer where the server was not reached', async () => {
    const server = await HttpServer.start(
      (_, response) => void response.writeHead(200, eventStream).write('data: x\n\n'),
    );
    const { url } = server;
    await server.close();
    const { session, lab } = connectionTo({ url });
    session.connect();
    await reaches(session, 'waiting');
    expect(lastFailure(session.capture)).toEqual({ kind: 'noAnswer' });
    expect(lab.injector.isArmed).toBe(false);
  });
});
