import { afterEach, describe, expect, it } from 'vitest';
import type { ApprovalRequest } from '../../../src/auth/approvals.ts';
import { askServer } from '../../../src/auth/askServer.ts';
import { TokenBroker } from '../../../src/auth/tokenBroker.ts';
import { Redactor } from '../../../src/base/redaction.ts';
import { CaptureBudget } from '../../../src/capture/captureBudget.ts';
import type { ConnectionInput } from '../../../src/config/connectionSettings.ts';
import { readConnections } from '../../../src/config/readConnections.ts';
import { HttpTransport } from '../../../src/node/httpTransport.ts';
import { describeStep } from '../../../src/session/describe.ts';
import { Session, type SessionPorts } from '../../../src/session/session.ts';
import type { Step } from '../../../src/sse/steps.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { eventStream, HttpServer } from '../../support/httpServer.ts';
import { sessionEdges, sourceEdges } from '../../support/sessionEdges.ts';
import { reaches, steps, stepsOf } from '../../support/sessionWaits.ts';
import { jwtOf } from '../../support/tokens.ts';

// Sessions against real servers: one for the stream, one that mints its tokens.

const disposables: { dispose(): void }[] = [];
const servers: HttpServer[] = [];

afterEach(async () => {
  for (const item of disposables.splice(0).reverse()) item.dispose();
  for (const server of servers.splice(0)) await server.close();
});

async function serve(...args: Parameters<typeof HttpServer.start>): Promise<HttpServer> {
  const server = await HttpServer.start(...args);
  servers.push(server);
  return server;
}

interface Backend {
  stream: HttpServer;
  mint: HttpServer;
  clock: FakeClock;
  /** Tokens that the stream takes. */
  good: Set<string>;
  minted: string[];
  /** What the mint answers instead of a token. */
  mintStatus: number;
}

/** A stream that takes certain tokens, and a mint that makes them. */
async function backend(lifetimeSeconds = 60): Promise<Backend> {
  const clock = new FakeClock();
  const all: Backend = { clock, good: new Set(), minted: [], mintStatus: 200 } as unknown as Backend;
  all.stream = await serve((request, response) => {
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    response.sendDate = false;
    if (all.good.has(token)) response.writeHead(200, eventStream).write('data: x\n\n');
    else response.writeHead(401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' }).end();
  });
  all.mint = await serve((_, response, count) => {
    response.sendDate = false;
    if (all.mintStatus !== 200) return response.writeHead(all.mintStatus).end();
    const exp = clock.now() / 1_000 + lifetimeSeconds;
    const token = jwtOf({ sub: 'a', jti: `j${count}`, exp });
    all.minted.push(token);
    all.good.add(token);
    return response
      .writeHead(200, { 'Content-Type': 'application/json' })
      .end(JSON.stringify({ access_token: token, expires_in: lifetimeSeconds }));
  });
  return all;
}

function sessions(
  { stream, mint, clock }: Backend,
  count = 1,
  {
    token = {},
    ports = {},
    scope = 'user' as const,
    ...input
  }: {
    token?: object;
    ports?: Partial<SessionPorts>;
    scope?: 'user' | 'workspace';
  } & Partial<ConnectionInput> = {},
): Session[] {
  const transport = new HttpTransport();
  const broker = new TokenBroker({ clock, random: () => 0 });
  disposables.push(transport, broker);
  const value = Array.from({ length: count }, (_, i) => ({
    name: `c${i}`,
    url: stream.url,
    auth: { placement: 'header', token: { from: 'endpoint', url: mint.url, ...token } },
    ...input,
  }));
  const { connections, problems } = readConnections([{ scope, value }]);
  expect(problems).toEqual([]);
  const shared: SessionPorts = {
    clock,
    random: () => 0,
    transport,
    tokens: { read: async () => undefined },
    redactor: new Redactor(),
    budget: new CaptureBudget(),
    ...sessionEdges(),
    sources: { ...sourceEdges(clock), broker, ask: askServer({ transport, clock }) },
    ...ports,
  };
  return connections.map((settings) => {
    const session = new Session(settings, shared);
    disposables.push(session);
    return session;
  });
}

const texts = (session: Session): string[] => stepsOf(session).map((step) => describeStep(step, 1).text);

describe('a session whose token a server mints', () => {
  it('shares it with a hundred others, and has it refreshed once when all are refused at once', async () => {
    const all = await backend();
    const hundred = sessions(all, 100);
    for (const session of hundred) session.connect();
    await Promise.all(hundred.map((session) => reaches(session, 'open')));
    expect(all.mint.requests).toHaveLength(1);

    all.good.clear();
    for (const session of hundred) session.forceReconnect();
    await Promise.all(hundred.map((session) => reaches(session, 'waiting')));
    expect(all.mint.requests).toHaveLength(2);
    all.clock.advance(500);
    await Promise.all(hundred.map((session) => reaches(session, 'open')));
    expect(all.mint.requests).toHaveLength(2);
    for (const session of hundred) {
      expect(stepsOf(session).map(({ step }) => step)).toEqual([
        'open',
        'forced',
        'answer',
        'tokenRefreshed',
        'waiting',
        'open',
      ]);
    }
  });

  it('is refreshed ahead of its end, and the stream stays open', async () => {
    const all = await backend(10);
    const [session] = sessions(all);
    session?.connect();
    await reaches(session as Session, 'open');
    all.clock.advance(8_000);
    const [step] = await steps(session as Session, 'tokenRefreshed');
    expect(step).toMatchObject({ source: 'endpoint', cause: 'ahead', claims: ['jti', 'exp'] });
    expect(session?.state.kind).toBe('open');
    expect(all.stream.requests).toHaveLength(1);
    expect(session?.token?.previous).toMatchObject({ payload: { jti: 'j1' } });
    expect(session?.token?.decoded).toMatchObject({ payload: { jti: 'j2' } });
    expect(describeStep(step as Step, 1)).toMatchObject({
      text: 'Token refreshed from the endpoint in 0 ms: exp +8 s, jti changed',
      aside: 'ahead of its end',
    });
    // The next attempt sends it.
    session?.forceReconnect();
    await all.stream.until(() => all.stream.requests.length === 2);
    expect(all.stream.requests[1]?.headers.authorization).toBe(`Bearer ${all.minted[1]}`);
    expect(all.mint.requests).toHaveLength(2);
  });

  it('is left to the server where it is not to be refreshed ahead, and the 401 has it refreshed once', async () => {
    const all = await backend(10);
    const [session] = sessions(all, 1, { token: { refresh: false } }) as [Session];
    session.connect();
    await reaches(session, 'open');
    all.clock.advance(20_000);
    expect(all.mint.requests).toHaveLength(1);
    all.good.clear();
    session.forceReconnect();
    const [step] = await steps(session, 'tokenRefreshed');
    expect(describeStep(step as Step, 1).aside).toBe('after 401 · EventSource: would stop here');
    all.clock.advance(500);
    await reaches(session, 'open');
    expect(all.mint.requests).toHaveLength(2);
    expect(texts(session)).toContainEqual(
      expect.stringContaining('The token expired 10 s before the request.'),
    );
  });

  it('stops after the second 401 in a row, and says why', async () => {
    const all = await backend();
    const [session] = sessions(all) as [Session];
    session.connect();
    await reaches(session, 'open');
    // Whatever it mints is revoked.
    all.good.add = () => all.good;
    all.good.clear();
    session.forceReconnect();
    await reaches(session, 'waiting');
    all.clock.advance(500);
    await reaches(session, 'closed');
    expect(session.state).toMatchObject({
      reason: {
        kind: 'unauthorized',
        explanation:
          'The server says "invalid_token" and gives no further reason. The token before it was refused, too: no third one is tried.',
      },
    });
    expect(all.mint.requests).toHaveLength(2);
    expect(all.stream.requests).toHaveLength(3);
    all.clock.advance(3_600_000);
    expect(all.stream.requests).toHaveLength(3);
  });

  it('waits for its source, which keeps nobody else waiting', async () => {
    const [broken, healthy] = [await backend(), await backend()];
    broken.mintStatus = 503;
    const [waiting] = sessions(broken) as [Session];
    waiting.connect();
    await reaches(waiting, 'waiting');
    expect(waiting.state).toMatchObject({ cause: { kind: 'tokenSource' } });
    expect(texts(waiting)[0]).toMatch(/^No token from the endpoint: tokenServer.status/);
    const [open] = sessions(healthy) as [Session];
    open.connect();
    await reaches(open, 'open');
    broken.mintStatus = 200;
    broken.clock.advance(1_000);
    await reaches(waiting, 'open');
    expect(broken.stream.requests).toHaveLength(1);
  });

  it('is closed where its source says no, and asks nobody again', async () => {
    const all = await backend();
    all.mintStatus = 403;
    const [session] = sessions(all) as [Session];
    session.connect();
    await reaches(session, 'closed');
    expect(session.state).toMatchObject({ reason: { kind: 'request' } });
    expect(session.requestError?.code).toBe('tokenServer.status');
    expect(all.stream.requests).toHaveLength(0);
    expect(all.clock.pending).toBe(0);
  });

  it('leaves no timer and no request behind when it is disconnected, whatever is under way', async () => {
    const all = await backend(10);
    const [session] = sessions(all) as [Session];
    session.connect();
    await reaches(session, 'open');
    session.disconnect();
    expect(all.clock.pending).toBe(0);
    session.connect();
    await all.mint.until(() => all.mint.requests.length === 2);
    session.disconnect();
    await all.mint.until(() => all.mint.sockets.size === 0);
    expect(all.clock.pending).toBe(0);
  });

  it('corrects `exp` by the clock of the server that takes it', async () => {
    const all = await backend();
    const ahead = await serve((_, response) => {
      response.setHeader('Date', new Date(all.clock.now() + 60_000).toUTCString());
      response.writeHead(200, eventStream).write('\n');
    });
    const exp = all.clock.now() / 1_000 + 300;
    const [session] = sessions(all, 1, {
      url: ahead.url,
      auth: { placement: 'header', token: { from: 'command', command: ['x'] } },
      ports: {
        sources: {
          ...sourceEdges(all.clock),
          broker: new TokenBroker({ clock: all.clock, random: () => 0 }),
          commands: { run: async () => jwtOf({ exp }) },
        },
      },
    } as never) as [Session];
    session.connect();
    await reaches(session, 'open');
    expect(all.clock.nextIn).toBe(240_000 * 0.8);
  });
});

describe('the user is asked once for each pair of source and origin', () => {
  function asking(answer: boolean) {
    const asked: ApprovalRequest[] = [];
    return {
      asked,
      approvals: {
        approve: async (request: ApprovalRequest) => {
          asked.push(request);
          return answer;
        },
        isApproved: () => answer,
      },
    };
  }

  it('where workspace settings name it: the token server and the stream', async () => {
    const all = await backend();
    const { asked, approvals } = asking(true);
    const edges = { ...sessionEdges(), approvals };
    const [session] = sessions(all, 1, {
      scope: 'workspace',
      token: { credential: { secret: 'API' } },
      ports: { approvals, variables: { env: edges.variables.env, secret: async () => 'the-credential' } },
    }) as [Session];
    session.connect();
    await reaches(session, 'open');
    const origin = (server: HttpServer): string => new URL(server.url).origin;
    expect(asked.map(({ origin, sources }) => ({ origin, sources }))).toEqual([
      { origin: origin(all.stream), sources: [{ kind: 'endpoint', name: all.mint.url }] },
      { origin: origin(all.mint), sources: [{ kind: 'secret', name: 'API' }] },
    ]);
    expect(all.mint.requests[0]?.headers.authorization).toBe('Bearer the-credential');
    expect(all.stream.requests[0]?.headers.authorization).toBe(`Bearer ${all.minted[0]}`);
  });

  it('and nothing leaves where the answer is no', async () => {
    const all = await backend();
    const [session] = sessions(all, 1, {
      scope: 'workspace',
      token: { credential: { secret: 'API' } },
      ports: asking(false),
    }) as [Session];
    session.connect();
    await reaches(session, 'closed');
    expect(session.requestError?.code).toBe('approval.refused');
    expect([all.mint.requests, all.stream.requests]).toEqual([[], []]);
  });

  it('before a program runs, also in their own settings, and again when it changes', async () => {
    const all = await backend();
    const { asked, approvals } = asking(false);
    for (const command of [
      ['tool', 'a b'],
      ['tool', 'c'],
    ]) {
      const [session] = sessions(all, 1, {
        auth: { placement: 'header', token: { from: 'command', command } },
        ports: { approvals },
      }) as [Session];
      session.connect();
      await reaches(session, 'closed');
    }
    expect(asked.map(({ sources }) => sources[0]?.name)).toEqual(['tool "a b"\n.', 'tool c\n.']);
  });
});
