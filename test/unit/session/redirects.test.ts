import { afterEach, describe, expect, it } from 'vitest';
import type { AuthSettings } from '../../../src/auth/placement.ts';
import { Redactor } from '../../../src/base/redaction.ts';
import { CaptureBudget } from '../../../src/capture/captureBudget.ts';
import type { ConnectionInput } from '../../../src/config/connectionSettings.ts';
import { readConnections } from '../../../src/config/readConnections.ts';
import { HttpTransport } from '../../../src/node/httpTransport.ts';
import { detailOf } from '../../../src/panelApi/view.ts';
import { Session } from '../../../src/session/session.ts';
import type { ConnectionState } from '../../../src/sse/steps.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { eventStream, HttpServer } from '../../support/httpServer.ts';
import { sessionEdges } from '../../support/sessionEdges.ts';
import { rowsOf } from '../../support/unfiltered.ts';

const token = 'tok-4f1d+b/7==';
const apiKey = 'key-93aa.21';
const servers: HttpServer[] = [];
const owned: { dispose(): void }[] = [];

afterEach(async () => {
  for (const item of owned.splice(0).reverse()) item.dispose();
  for (const server of servers.splice(0)) await server.close();
});

type Answer = Parameters<typeof HttpServer.start>[0];

async function serve(answer: Answer): Promise<HttpServer> {
  const server = await HttpServer.start(answer);
  servers.push(server);
  return server;
}

const stream: Answer = (_, response) => response.writeHead(200, eventStream).write('data: here\n\n');

function connect(url: string, auth: Partial<AuthSettings>, more: Partial<ConnectionInput> = {}): Session {
  const input = { name: 'a', url, auth, headers: { 'X-API-Key': apiKey, 'X-Tenant': 'acme' }, ...more };
  const { connections, problems } = readConnections([{ scope: 'user', value: [input] }]);
  const [settings] = connections;
  if (!settings) throw new Error(problems[0]?.text);
  const transport = new HttpTransport();
  const session = new Session(settings, {
    clock: new FakeClock(),
    random: () => 0,
    transport,
    redactor: new Redactor(),
    budget: new CaptureBudget(),
    ...sessionEdges(),
    assertAllowed: () => {},
    // As SecretStorage does: a token is there for the origin it was given for.
    tokens: { read: async (_, origin) => (origin === new URL(url).origin ? token : undefined) },
  });
  owned.push(transport, session);
  session.connect();
  return session;
}

async function reaches(session: Session, kind: ConnectionState['kind']): Promise<void> {
  while (session.state.kind !== kind) {
    await new Promise<void>((resolve) => {
      const subscription = session.onDidChange(() => {
        subscription.dispose();
        resolve();
      });
    });
  }
}

/** All that arrived. */
function arrived({ requests }: Pick<HttpServer, 'requests'>): string {
  return JSON.stringify(requests.map(({ method, url, rawHeaders }) => [method, url, rawHeaders]));
}

function expectNothingOfOurs(server: Pick<HttpServer, 'requests'>): void {
  const text = arrived(server);
  for (const secret of [token, encodeURIComponent(token), apiKey, 'tok-4f1d', 'acme'])
    expect(text).not.toContain(secret);
  expect(text).not.toMatch(/authorization|cookie|x-api-key|x-tenant|access_token|[?&]token=/i);
}

const statuses = [301, 302, 303, 307, 308];
const placements: Partial<AuthSettings>[] = [
  { placement: 'header' },
  { placement: 'cookie' },
  { placement: 'header', name: 'X-Custom-Key', scheme: '' },
  { placement: 'query' },
];
const table = statuses.flatMap((status) =>
  placements.flatMap((auth) =>
    (['resilient', 'browser', 'off'] as const).map((policy) => ({ status, auth, policy })),
  ),
);

describe('a redirect to another origin', () => {
  it.each(table)('takes nothing along: $status, $auth, $policy', async ({ status, auth, policy }) => {
    const second = await serve(stream);
    // The Location echoes what came in the query, and names the token by itself, too.
    const first = await serve((request, response) => {
      const query = new URL(request.url ?? '', 'http://x').search || '?token=none';
      const echo = `${second.url}${query}&again=${encodeURIComponent(token)}`;
      response.writeHead(status, { Location: echo, 'Set-Cookie': 'jar=made-here; Path=/' }).end();
    });
    const session = connect(first.url, auth, { policy });
    await reaches(session, policy === 'browser' ? 'open' : 'closed');
    // The token was sent to where it belongs.
    expect(decodeURIComponent(arrived(first))).toContain(token);
    expect(second.requests).toHaveLength(policy === 'browser' ? 1 : 0);
    const text = arrived(second).replace('token=none', '');
    for (const secret of [token, encodeURIComponent(token), apiKey, 'tok-4f1d', 'acme', 'made-here'])
      expect(text).not.toContain(secret);
    expect(text).not.toMatch(/authorization|cookie|x-api-key|x-custom-key|x-tenant|token=./i);
    if (policy !== 'browser') {
      expect(session.state).toMatchObject({
        reason: { kind: 'redirect', status, origin: new URL(second.url).origin, problem: 'otherOrigin' },
      });
    }
    const { first: from, next } = session.capture;
    const rows = rowsOf(session, from, next);
    const shown = JSON.stringify([
      rows,
      rows.map(({ position }) => detailOf(session, position)),
      session.state,
    ]);
    for (const secret of [token, encodeURIComponent(token)]) expect(shown).not.toContain(secret);
  });

  it('is followed by a browser, who brings nothing back either', async () => {
    const second = await serve((_, response) =>
      response.writeHead(302, { Location: `${first.url}/back` }).end(),
    );
    const first = await serve((request, response, count) =>
      count === 1
        ? response.writeHead(302, { Location: second.url, 'Set-Cookie': 'jar=made-here; Path=/' }).end()
        : stream(request, response, count),
    );
    const session = connect(first.url, { placement: 'header' }, { policy: 'browser' });
    await reaches(session, 'open');
    expect(first.requests[0]?.headers.authorization).toBe(`Bearer ${token}`);
    expect(first.requests[1]?.url).toBe('/events/back');
    expectNothingOfOurs({ requests: first.requests.slice(1) });
    expect(session.attempts).toBe(3);
  });

  it('is refused where a credential stands in the path', async () => {
    const second = await serve(stream);
    const first = await serve((_, response) =>
      response.writeHead(302, { Location: `${second.url}/${encodeURIComponent(token)}` }).end(),
    );
    const session = connect(first.url, { placement: 'header' }, { policy: 'browser' });
    await reaches(session, 'closed');
    expect(session.state).toMatchObject({ reason: { problem: 'credential' } });
    expect(second.requests).toHaveLength(0);
    expect(JSON.stringify(session.state)).not.toContain('tok-4f1d');
  });
});

describe('a redirect within the origin', () => {
  it.each(placements)('takes the credential along once: %j', async (auth) => {
    const server = await serve((request, response, count) =>
      count === 1
        ? response.writeHead(307, { Location: `/other?token=stale&x=1` }).end()
        : stream(request, response, count),
    );
    const session = connect(server.url, auth);
    await reaches(session, 'open');
    const [before, after] = server.requests;
    expect(after?.headers).toMatchObject({ 'x-api-key': apiKey, 'x-tenant': 'acme' });
    for (const field of ['authorization', 'cookie', 'x-custom-key'])
      expect(after?.headers[field]).toBe(before?.headers[field]);
    expect(after?.url).toBe(
      auth.placement === 'query' ? `/other?x=1&token=${encodeURIComponent(token)}` : '/other?token=stale&x=1',
    );
  });

  it('is a step with both places, and each attempt begins at the configured one', async () => {
    const server = await serve((_, response, count) => {
      if (count % 2 === 1) response.writeHead(301, { Location: '/other' }).end();
      else response.writeHead(200, eventStream).end('id: 1\ndata: a\n\n');
    });
    const session = connect(server.url, { placement: 'query' });
    await reaches(session, 'waiting');
    session.forceReconnect();
    await reaches(session, 'waiting');
    expect(server.requests.map(({ url }) => url?.split('?')[0])).toEqual([
      '/events',
      '/other',
      '/events',
      '/other',
    ]);
    expect(server.requests[3]?.headers['last-event-id']).toBe('1');
    const rows = rowsOf(session, 0, 100);
    expect(rows[0]).toMatchObject({
      text: expect.stringMatching(/^301 Moved Permanently: redirected to http.*\/other$/),
      aside: 'EventSource: would follow',
    });
    expect(rows[1]).toMatchObject({ text: expect.stringMatching(/^Connected: 200 OK/) });
    expect(detailOf(session, 0)).toMatchObject({
      facts: expect.arrayContaining([{ label: 'From', value: `${server.url}?token=•••` }]),
    });
  });

  it.each([
    ['POST', 303, 'GET', ''],
    ['POST', 302, 'GET', ''],
    ['POST', 307, 'POST', '{"a":1}'],
    ['REPORT', 308, 'REPORT', '{"a":1}'],
    ['REPORT', 301, 'REPORT', '{"a":1}'],
  ])('%s after %i is %s', async (method, status, next, body) => {
    let received = '';
    const server = await serve((request, response, count) => {
      if (count === 1) {
        request.resume();
        response.writeHead(status, { Location: '/other' }).end();
        return;
      }
      request.on('data', (chunk) => {
        received += chunk;
      });
      request.on('end', () => stream(request, response, count));
    });
    const session = connect(server.url, { placement: 'header' }, { method, body: { a: 1 } });
    await reaches(session, 'open');
    const [, after] = server.requests;
    expect([after?.method, received]).toEqual([next, body]);
    expect(after?.headers['content-type']).toBe(body === '' ? undefined : 'application/json');
    expect(after?.headers['content-length']).toBe(body === '' ? undefined : String(body.length));
  });

  it.each([
    ['resilient', 6],
    ['off', 6],
    ['browser', 21],
  ] as const)('%s makes %i requests of an endless row', async (policy, requests) => {
    const server = await serve((_, response, count) =>
      response.writeHead(302, { Location: `/${count}` }).end(),
    );
    const session = connect(server.url, { placement: 'none' }, { policy });
    await reaches(session, policy === 'browser' ? 'waiting' : 'closed');
    expect(server.requests).toHaveLength(requests);
    if (policy !== 'browser')
      expect(session.state).toMatchObject({ reason: { kind: 'redirect', problem: 'tooMany' } });
  });

  it.each([
    [{}, 'missing'],
    [{ Location: '' }, 'empty'],
    [{ Location: 'http://[' }, 'unparsable'],
    [{ Location: 'ftp://127.0.0.1/' }, 'scheme'],
  ])('leads nowhere with %j', async (headers, problem) => {
    const server = await serve((_, response) => response.writeHead(302, headers).end('moved'));
    const session = connect(server.url, { placement: 'none' });
    await reaches(session, 'closed');
    expect(session.state).toMatchObject({ reason: { kind: 'redirect', problem } });
    expect(server.requests).toHaveLength(1);
    expect(detailOf(session, 0)).toMatchObject({ body: 'moved' });
  });
});
