// How SSE and JWTs are used together, from end to end: the sample server at one end, the engine at the other.
import { afterEach, describe, expect, it } from 'vitest';
import { askServer } from '../../../src/auth/askServer.ts';
import { TokenBroker } from '../../../src/auth/tokenBroker.ts';
import { Redactor } from '../../../src/base/redaction.ts';
import { CaptureBudget } from '../../../src/capture/captureBudget.ts';
import type { ConnectionInput } from '../../../src/config/connectionSettings.ts';
import { readConnections } from '../../../src/config/readConnections.ts';
import { HttpTransport } from '../../../src/node/httpTransport.ts';
import { describeStep } from '../../../src/session/describe.ts';
import { Session } from '../../../src/session/session.ts';
import { decodeBlock } from '../../../src/sse/decoder.ts';
import type { ConnectionState, Step } from '../../../src/sse/steps.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { useSampleServers } from '../../support/sampleServers.ts';
import { sessionEdges, sourceEdges } from '../../support/sessionEdges.ts';

const start = useSampleServers();
const disposables: { dispose(): void }[] = [];

afterEach(() => {
  for (const item of disposables.splice(0).reverse()) item.dispose();
});

/** A session with a token that lies ready, or one that its settings say where to get. */
function connect(clock: FakeClock, input: Omit<ConnectionInput, 'name'>, token?: string): Session {
  const transport = new HttpTransport();
  const broker = new TokenBroker({ clock, random: () => 0 });
  const { connections, problems } = readConnections([
    { scope: 'user', value: [{ name: 'orders', ...input }] },
  ]);
  const [settings] = connections;
  if (!settings) throw new Error(problems[0]?.text);
  const session = new Session(settings, {
    clock,
    random: () => 0,
    transport,
    tokens: { read: async () => token },
    redactor: new Redactor(),
    budget: new CaptureBudget(),
    ...sessionEdges(),
    sources: { ...sourceEdges(clock), broker, ask: askServer({ transport, clock }) },
  });
  disposables.push(transport, broker, session);
  session.connect();
  return session;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

const reaches = (session: Session, kind: ConnectionState['kind']): Promise<void> =>
  until(() => session.state.kind === kind);

/** So many more events. */
async function receives(session: Session, count: number): Promise<void> {
  const { events } = session.capture;
  await until(() => session.capture.events >= events + count);
}

/** Lets the wait that is under way pass. Returns how long it was, in milliseconds, and why. */
async function waitOut(session: Session, clock: FakeClock): Promise<[number, string]> {
  await reaches(session, 'waiting');
  const { state } = session;
  if (state.kind !== 'waiting') throw new Error('it does not wait');
  const ms = state.until - clock.now();
  clock.advance(ms);
  await until(() => session.state !== state);
  return [ms, state.cause.kind];
}

/** Lets waits pass until the stream is open again. Returns how many there were. */
async function comesBack(session: Session, clock: FakeClock): Promise<number> {
  await until(() => session.state.kind !== 'open');
  for (let waits = 0; ; waits += 1) {
    await until(() => session.state.kind === 'open' || session.state.kind === 'waiting');
    if (session.state.kind === 'open') return waits;
    await waitOut(session, clock);
  }
}

function idsOf({ capture }: Session): number[] {
  const ids: number[] = [];
  for (let position = capture.first; position < capture.next; position += 1) {
    const record = capture.at(position);
    if (record?.kind === 'event') ids.push(Number(decodeBlock(record.block)?.ownId));
  }
  return ids;
}

function stepsOf({ capture }: Session): Step[] {
  const steps: Step[] = [];
  for (let position = capture.first; position < capture.next; position += 1) {
    const record = capture.at(position);
    if (record?.kind === 'step') steps.push(record.step as Step);
  }
  return steps;
}

/** None lost, none doubled. */
function expectEveryEventOnce(session: Session): void {
  const ids = idsOf(session);
  expect(ids).toEqual(ids.map((_, i) => i + 1));
}

describe('the flows of the seeds', () => {
  it.each<[string, ConnectionInput['auth']]>([
    ['header', { placement: 'header' }],
    ['query', { placement: 'query', name: 'token' }],
    ['cookie', { placement: 'cookie' }],
  ])('a token goes by %s; its second use is a hit in the cache', async (_, auth) => {
    const clock = new FakeClock();
    const server = await start({ clock });
    const session = connect(clock, { url: `${server.url}/events/orders`, auth }, await server.mint());
    await reaches(session, 'open');
    session.forceReconnect();
    await until(() => session.attempts === 2 && session.state.kind === 'open');
    expect(server.counts).toMatchObject({ streams: 2, webhookCalls: 1, cacheHits: 1, cacheMisses: 1 });
  });

  it('webhook down: 503 with back-off, the breaker opens, Retry-After, a probe, recovery without a gap', async () => {
    const clock = new FakeClock();
    const issuer = await start({ clock });
    const server = await start({ clock, webhookUrl: `${issuer.url}/verify` });
    const session = connect(
      clock,
      { url: `${server.url}/events/orders`, auth: { placement: 'header' } },
      await issuer.mint(),
    );
    await receives(session, 3);
    // Known tokens need no webhook.
    issuer.setWebhook('down');
    session.forceReconnect();
    await until(() => session.attempts === 2 && session.state.kind === 'open');
    expect(server.counts.cacheHits).toBe(1);
    await receives(session, 3);

    await server.restart();
    const waits: [number, string][] = [];
    for (let i = 0; i < 11; i += 1) {
      waits.push(await waitOut(session, clock));
      await until(() => session.state.kind === 'waiting');
    }
    // The stream's own `retry:` first, then the back-off for ten failures of the webhook.
    const [ended, ...backOffs] = waits;
    expect(ended).toEqual([2000, 'retryField']);
    expect(backOffs.map(([, cause]) => cause)).toEqual(Array(10).fill('backOff'));
    const delays = backOffs.map(([ms]) => ms);
    expect(delays).toEqual(delays.toSorted((a, b) => a - b));
    expect(delays.at(-1)).toBeLessThanOrEqual(30_000);
    // The eleventh attempt was answered by the breaker, and the next one waits for what that said.
    const rest = 60_000 - (delays.at(-1) ?? 0);
    const cause = { kind: 'retryAfter', value: `${rest / 1000}` };
    expect(session.state).toMatchObject({ kind: 'waiting', cause });
    expect(server.counts).toMatchObject({ unavailable: 11, webhookCalls: 11 });

    issuer.setWebhook('up');
    expect(await waitOut(session, clock)).toEqual([rest, 'retryAfter']);
    await reaches(session, 'open');
    await receives(session, 3);
    expect(server.counts).toMatchObject({ unavailable: 11, webhookCalls: 12, streams: 3 });
    expectEveryEventOnce(session);
    const { circuitBreaker } = await (await fetch(`${server.url}/health`)).json();
    expect(circuitBreaker.state).toBe('closed');
  });

  it('a short-lived token expires in mid-stream: one refresh, one reconnect, every event once', async () => {
    const clock = new FakeClock();
    const server = await start({ clock });
    const session = connect(clock, {
      url: `${server.url}/events/orders`,
      auth: {
        placement: 'query',
        name: 'token',
        token: { from: 'endpoint', url: server.tokenUrl, body: { ttlSeconds: 60 }, refresh: false },
      },
    });
    await receives(session, 3);
    clock.advance(60_000);
    await comesBack(session, clock);
    await receives(session, 3);
    expectEveryEventOnce(session);
    expect(server.counts.streams).toBe(2);
    const refreshed = stepsOf(session).filter(({ step }) => step === 'tokenRefreshed');
    expect(refreshed).toHaveLength(1);
  });

  it('a token that the webhook does not take: 401, and the reason', async () => {
    const clock = new FakeClock();
    const issuer = await start({ clock });
    const server = await start({ clock, webhookUrl: `${issuer.url}/verify` });
    const session = connect(
      clock,
      { url: `${server.url}/events/orders`, auth: { placement: 'header' } },
      await issuer.mint({ claims: { topics: ['finite'] } }),
    );
    await reaches(session, 'needsToken');
    const texts = stepsOf(session).map((step) => describeStep(step, 1).text);
    expect(texts.join('\n')).toContain('The webhook does not take the token for this topic');
    expect(server.counts).toMatchObject({ refused: 1, unavailable: 0 });
  });

  it('authentication is off: no token, no webhook, a stream', async () => {
    const clock = new FakeClock();
    const server = await start({ clock, authentication: false });
    const session = connect(clock, { url: `${server.url}/events/orders` });
    await receives(session, 3);
    expect(server.counts).toMatchObject({ streams: 1, webhookCalls: 0 });
  });

  it('a rolling restart: refused for a while, then resumed, every event once', async () => {
    const clock = new FakeClock();
    const server = await start({ clock });
    const url = `${server.url}/events/orders`;
    const session = connect(clock, { url, auth: { placement: 'header' } }, await server.mint());
    await receives(session, 3);
    const back = server.restart(5000);
    expect(await comesBack(session, clock)).toBeGreaterThan(1);
    await back;
    await receives(session, 3);
    expectEveryEventOnce(session);
  });

  it('a server that ignores Last-Event-ID: the events come again', async () => {
    const clock = new FakeClock();
    const server = await start({ clock });
    const url = `${server.url}/events/orders`;
    const session = connect(clock, { url, auth: { placement: 'header' } }, await server.mint());
    await receives(session, 3);
    server.ignoreLastEventId(true);
    session.forceReconnect();
    await until(() => session.attempts === 2 && session.state.kind === 'open');
    await receives(session, 3);
    expect(idsOf(session).filter((id) => id === 2)).toEqual([2, 2]);
  });
});
