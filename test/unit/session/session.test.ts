import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/base/errors.ts';
import { Redactor } from '../../../src/base/redaction.ts';
import type { Capture } from '../../../src/capture/capture.ts';
import { CaptureBudget } from '../../../src/capture/captureBudget.ts';
import type { ConnectionInput, ConnectionSettings } from '../../../src/config/connectionSettings.ts';
import { readConnections } from '../../../src/config/readConnections.ts';
import { HttpTransport } from '../../../src/node/httpTransport.ts';
import { detailOf } from '../../../src/panelApi/view.ts';
import { Session } from '../../../src/session/session.ts';
import { Sessions } from '../../../src/session/sessions.ts';
import type { ConnectionState } from '../../../src/sse/steps.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { eventStream, HttpServer } from '../../support/httpServer.ts';
import { sessionEdges } from '../../support/sessionEdges.ts';
import { rowsOf, snapshotOf } from '../../support/unfiltered.ts';

function settingsOf(input: ConnectionInput): ConnectionSettings {
  const { connections, problems } = readConnections([{ scope: 'user', value: [input] }]);
  const [settings] = connections;
  if (!settings) throw new Error(problems[0]?.text);
  return settings;
}

/** Tokens by connection and origin, as SecretStorage keeps them. */
class Tokens {
  readonly #tokens = new Map<string, string>();
  reads = 0;

  set(connection: string, origin: string, token: string): void {
    this.#tokens.set(JSON.stringify([connection, origin]), token);
  }

  async read(connection: string, origin: string): Promise<string | undefined> {
    this.reads++;
    return this.#tokens.get(JSON.stringify([connection, origin]));
  }
}

const disposables: { dispose(): void }[] = [];
const servers: HttpServer[] = [];

afterEach(async () => {
  for (const item of disposables.splice(0).reverse()) item.dispose();
  for (const server of servers.splice(0)) {
    await server.until(() => server.sockets.size === 0);
    await server.close();
  }
});

async function serve(...args: Parameters<typeof HttpServer.start>): Promise<HttpServer> {
  const server = await HttpServer.start(...args);
  servers.push(server);
  return server;
}

function portsOf(tokens: Tokens, assertAllowed: () => void = () => {}) {
  const transport = new HttpTransport();
  disposables.push(transport);
  const clock = new FakeClock();
  return {
    clock,
    random: () => 0,
    transport,
    tokens,
    redactor: new Redactor(),
    budget: new CaptureBudget(),
    ...sessionEdges(),
    assertAllowed,
  };
}

function make(input: ConnectionInput, tokens = new Tokens(), assertAllowed?: () => void) {
  const ports = portsOf(tokens, assertAllowed);
  const session = new Session(settingsOf(input), ports);
  disposables.push(session);
  return { session, ...ports };
}

/** Resolves once the session's state, or anything of it, fulfils a condition. */
async function until(session: Session, condition: (state: ConnectionState) => boolean): Promise<void> {
  while (!condition(session.state)) {
    await new Promise<void>((resolve) => {
      const subscription = session.onDidChange(() => {
        subscription.dispose();
        resolve();
      });
    });
  }
}

const reaches = (session: Session, kind: ConnectionState['kind']) =>
  until(session, (state) => state.kind === kind);

/** Everything that a user can be shown of a session, or that is kept of it. */
function shown(session: Session, redactor: Redactor): string {
  const { first, next } = session.capture;
  const rows = rowsOf(session, first, next);
  const details = rows.map(({ position }) => detailOf(session, position));
  const snapshot = snapshotOf(session, 0, redactor.url(session.settings.url));
  const records = rows.map(({ position }) => session.capture.at(position));
  return JSON.stringify({ rows, details, snapshot, state: session.state, records });
}

describe('a session sends its token', () => {
  const token = 'opaque.token+with/~special!';

  it.each([
    ['in the Authorization header', { placement: 'header' }, 'authorization', `Bearer ${token}`],
    [
      'bare in a header of its own',
      { placement: 'header', name: 'X-Api-Key', scheme: '' },
      'x-api-key',
      token,
    ],
    ['in a cookie', { placement: 'cookie', name: 'sid' }, 'cookie', `a=1; b=2; sid=${token}`],
  ] as const)('%s, in place of a configured one', async (_, auth, field, value) => {
    const server = await serve((_, response) => response.writeHead(200, eventStream).write('\n'));
    const { session, tokens } = make({
      name: 'a',
      url: server.url,
      headers: { authorization: 'Basic old', 'x-api-key': 'old', Cookie: 'a=1; sid=old; b=2' },
      auth,
    });
    tokens.set('a', new URL(server.url).origin, token);
    session.connect();
    await reaches(session, 'open');
    const [request] = server.requests;
    expect(request?.headers[field]).toBe(value);
    expect(request?.rawHeaders.filter((name) => name.toLowerCase() === field)).toHaveLength(1);
  });

  it('in the query, in place of a configured one and with the others as they were written', async () => {
    const server = await serve((_, response) => response.writeHead(200, eventStream).write('\n'));
    const { session, tokens } = make({
      name: 'a',
      url: `${server.url}?q=a%20b&token=old&flag&%74oken=old2&x=~#fragment`,
      auth: { placement: 'query' },
    });
    tokens.set('a', new URL(server.url).origin, token);
    session.connect();
    await reaches(session, 'open');
    expect(server.requests[0]?.url).toBe(`/events?q=a%20b&flag&x=~&token=${encodeURIComponent(token)}`);
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('with the headers of an event stream, unless the settings say otherwise', async () => {
    const server = await serve((_, response) => response.writeHead(200, eventStream).write('\n'));
    const { session } = make({
      name: 'a',
      url: server.url,
      method: 'post',
      body: { a: 1 },
      headers: { accept: 'x/y' },
    });
    session.connect();
    await reaches(session, 'open');
    expect(server.requests[0]?.method).toBe('POST');
    expect(server.requests[0]?.headers).toMatchObject({
      accept: 'x/y',
      'cache-control': 'no-cache',
      'accept-encoding': 'identity',
      'content-type': 'application/json',
      'content-length': '7',
    });
    expect(server.requests[0]?.headers).not.toHaveProperty('last-event-id');
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('read anew at each attempt', async () => {
    const server = await serve((_, response) => response.writeHead(200, eventStream).end('data: a\n\n'));
    const { session, tokens, clock } = make({ name: 'a', url: server.url, auth: {} });
    const { origin } = new URL(server.url);
    tokens.set('a', origin, 'first-token');
    session.connect();
    await reaches(session, 'waiting');
    tokens.set('a', origin, 'second-token');
    clock.advance(1_000);
    await until(session, (state) => state.kind === 'waiting' && session.attempts === 2);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer first-token',
      'Bearer second-token',
    ]);
  });

  it('after 401 only when a new one was given', async () => {
    const server = await serve((request, response) => {
      if (request.headers.authorization === 'Bearer good-token')
        response.writeHead(200, eventStream).write('\n');
      else response.writeHead(401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' }).end();
    });
    const { session, tokens } = make({ name: 'a', url: server.url, auth: {} });
    session.connect();
    await reaches(session, 'needsToken');
    expect(server.requests).toHaveLength(0);
    tokens.set('a', session.origin, 'bad-token');
    session.tokenSet();
    await until(session, (state) => state.kind === 'needsToken' && state.explanation !== '');
    tokens.set('a', session.origin, 'good-token');
    session.tokenSet();
    await reaches(session, 'open');
    expect(server.requests).toHaveLength(2);
  });
});

describe('a session keeps its token', () => {
  it('from another origin: a URL that was edited has none there, and nothing is sent', async () => {
    const server = await serve((_, response) => response.writeHead(200, eventStream).write('data: a\n\n'));
    const other = await serve((_, response) => response.writeHead(200, eventStream).write('data: b\n\n'));
    const { session, tokens } = make({ name: 'a', url: server.url, auth: {} });
    tokens.set('a', new URL(server.url).origin, 'secret-token');
    session.connect();
    await reaches(session, 'open');
    session.update(settingsOf({ name: 'a', url: other.url, auth: {} }));
    expect(session.needsReconnect).toBe(true);
    expect(session.state.kind).toBe('open');
    session.forceReconnect();
    await reaches(session, 'needsToken');
    expect(session.needsReconnect).toBe(false);
    expect(other.requests).toHaveLength(0);
  });

  it('from redirects', async () => {
    const other = await serve((_, response) => response.writeHead(200, eventStream).end());
    const server = await serve((_, response) => response.writeHead(307, { Location: other.url }).end());
    const { session, tokens } = make({ name: 'a', url: server.url, auth: {} });
    tokens.set('a', session.origin, 'secret-token');
    session.connect();
    await reaches(session, 'closed');
    expect(other.requests).toHaveLength(0);
  });

  it.each(['header', 'query', 'cookie'] as const)(
    'from everything that is kept and shown, wherever the server echoes it (%s)',
    async (placement) => {
      const token = `s3cr3t/~to+ken!'(${placement})`;
      const jwt = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJzZWNyZXQifQ.c2lnbmF0dXJl';
      const server = await serve((request, response, count) => {
        const sent = `${request.url} ${JSON.stringify(request.headers)}`;
        const forms = [
          token,
          encodeURIComponent(token),
          new URLSearchParams({ token }).toString(),
          JSON.stringify(token).replaceAll('/', '\\/'),
          token.replaceAll('+', '&#43;').replaceAll("'", '&#39;'),
          encodeURIComponent(token).toLowerCase(),
        ];
        const echo = [...forms, jwt].join(' | ');
        const status = [302, 404, 500, 401][count - 1] ?? 204;
        const headers = {
          'X-Echo': `${echo}`,
          Location: `/login?from=${encodeURIComponent(token)}`,
          'Set-Cookie': `t=${jwt}`,
          'WWW-Authenticate': `Bearer error="invalid_token", error_description="${token} is bad"`,
        };
        // The body is cut at 64 KiB, in the middle of the token.
        response
          .writeHead(status, `No ${token}`, headers)
          .end(`${echo} ${sent} `.padEnd(64 * 1024 - 8, '.') + token);
      });
      const { session, tokens, redactor } = make({ name: 'a', url: server.url, auth: { placement } });
      tokens.set('a', session.origin, token);
      const states: string[] = [];
      session.onDidChange(() => void states.push(JSON.stringify(session.state)));
      // The first attempt is redirected, and closed by what it finds there.
      for (const kind of ['closed', 'waiting', 'needsToken'] as const) {
        session.forceReconnect();
        await reaches(session, 'connecting');
        await reaches(session, kind);
      }
      const everything = `${shown(session, redactor)} ${states}`;
      for (const part of ['s3cr3t', 'to+ken', 'to%2', 'eyJhbGci', 'c2lnbmF0'])
        expect(everything).not.toContain(part);
      expect(everything).toContain('•••');
      expect(session.capture.next).toBeGreaterThan(8);
      // Not because nothing of it is kept.
      expect(everything.match(/"request":\{/g)).toHaveLength(4);
    },
  );
});

describe('a session keeps the requests that it sent', () => {
  const requestsOf = ({ capture }: Session) =>
    Array.from({ length: capture.next }, (_, position) => capture.at(position)).flatMap((record) =>
      record?.kind === 'step' && 'request' in record.step && record.step.request ? [record.step.request] : [],
    );

  it('as they went out, with what node added, the cookies and the body', async () => {
    const server = await serve((_, response, count) =>
      response
        .writeHead(count === 1 ? 307 : 404, { Location: '/next', 'Set-Cookie': 'sid=cookie-value' })
        .end(),
    );
    const { session, tokens } = make({
      name: 'a',
      url: `${server.url}?q=1`,
      method: 'POST',
      headers: { 'X-Tenant': 'acme' },
      body: { ask: 'café' },
      auth: { placement: 'query', name: 'pin' },
    });
    tokens.set('a', session.origin, '1234');
    session.connect();
    await reaches(session, 'closed');
    const origin = new URL(server.url);
    const fields = [
      ['Accept', 'text/event-stream'],
      ['Cache-Control', 'no-cache'],
      ['Accept-Encoding', 'identity'],
      ['Content-Type', 'application/json'],
      ['X-Tenant', 'acme'],
    ];
    const framing = [
      ['Content-Length', '15'],
      ['Host', origin.host],
      ['Connection', 'close'],
    ];
    const sent = { method: 'POST', body: '{"ask":"café"}', bodyBytes: 15 };
    expect(requestsOf(session)).toMatchObject([
      { ...sent, url: `${server.url}?q=1&pin=•••`, headers: [...fields, ...framing] },
      { ...sent, url: `${origin.origin}/next?pin=•••`, headers: [...fields, ['Cookie', '•••'], ...framing] },
    ]);
  });

  it('also where there was no answer', async () => {
    const { session } = make({ name: 'a', url: 'http://127.0.0.1:1/', policy: 'off' });
    session.connect();
    await reaches(session, 'closed');
    expect(requestsOf(session)).toMatchObject([{ method: 'GET', url: 'http://127.0.0.1:1/' }]);
  });
});

describe('a session fills in its variables', () => {
  function withVariables(input: ConnectionInput, allows: boolean, variables: Record<string, string>) {
    const ports = {
      ...portsOf(new Tokens()),
      approvals: { approve: async () => allows, isApproved: () => allows },
      variables: {
        env: (name: string) => variables[name],
        secret: async (name: string) => variables[name],
      },
    };
    const session = new Session(settingsOf(input), ports);
    disposables.push(session);
    return { session, ...ports };
  }

  it('anew at each attempt, and shows no value', async () => {
    const server = await serve((request, response) =>
      response.writeHead(404, { 'X-Echo': `${request.headers['x-key']}` }).end(`${request.url}`),
    );
    const variables = { KEY: 'key/one!', TENANT: 'tenant one' };
    const input = { name: 'a', url: `${server.url}?t=\${env:TENANT}`, headers: { 'X-Key': '${secret:KEY}' } };
    const { session, redactor } = withVariables(input, true, variables);
    session.connect();
    await reaches(session, 'closed');
    Object.assign(variables, { KEY: 'key/two!', TENANT: 'tenant two' });
    session.connect();
    await reaches(session, 'connecting');
    await reaches(session, 'closed');
    expect(server.requests.map(({ url, headers }) => [url, headers['x-key']])).toEqual([
      ['/events?t=tenant%20one', 'key/one!'],
      ['/events?t=tenant%20two', 'key/two!'],
    ]);
    const everything = shown(session, redactor);
    for (const part of ['key/', 'key%2', 'tenant one', 'tenant%20', 'tenant two'])
      expect(everything).not.toContain(part);
    expect(session.secrets).toEqual(['KEY']);
  });

  it('or closes with the reason and sends nothing', async () => {
    const server = await serve((_, response) => response.writeHead(404).end());
    const refused = withVariables({ name: 'a', url: `${server.url}?t=\${env:X}` }, false, { X: 'value' });
    // Settings of the user need no leave: these are a repository's.
    refused.session.update({ ...refused.session.settings, scope: 'workspace' });
    refused.session.connect();
    await reaches(refused.session, 'closed');
    expect(refused.session.requestError?.code).toBe('approval.refused');
    const unset = withVariables({ name: 'a', url: `${server.url}?t=\${env:X}` }, true, {});
    unset.session.connect();
    await reaches(unset.session, 'closed');
    expect(unset.session.requestError?.code).toBe('variable.unset');
    expect(JSON.stringify(unset.session.state)).toContain('variable.unset');
    expect(server.requests).toHaveLength(0);
  });

  it('and belongs to the origin that they give', async () => {
    const { session } = withVariables({ name: 'a', url: '${env:BASE}/x?k=${secret:K}', auth: {} }, true, {
      BASE: 'http://h.example:81',
    });
    expect(session.origin).toBe('http://h.example:81');
  });
});

describe('a session keeps cookies', () => {
  it('in memory, for its next attempts and for nobody else', async () => {
    const server = await serve((_, response) =>
      response.writeHead(404, { 'Set-Cookie': 'sid=cookie-value; HttpOnly' }).end('cookie-value'),
    );
    const { session, redactor } = make({ name: 'a', url: server.url, headers: { Cookie: 'a=1' } });
    session.connect();
    await reaches(session, 'closed');
    session.connect();
    await reaches(session, 'connecting');
    await reaches(session, 'closed');
    expect(server.requests.map(({ headers }) => headers.cookie)).toEqual(['a=1', 'a=1; sid=cookie-value']);
    expect(shown(session, redactor)).not.toContain('cookie-value');
    const another = make({ name: 'b', url: server.url }).session;
    another.connect();
    await reaches(another, 'closed');
    expect(server.requests[2]?.headers.cookie).toBeUndefined();
  });
});

describe('a session follows its settings', () => {
  it('at the next attempt, and says so until then', async () => {
    const server = await serve((request, response) =>
      response.writeHead(200, eventStream).write(`data: ${request.url}\n\n`),
    );
    const { session } = make({ name: 'a', url: server.url });
    session.update(settingsOf({ name: 'a', url: `${server.url}/1` }));
    expect(session.needsReconnect).toBe(false);
    session.connect();
    await reaches(session, 'open');
    session.update(settingsOf({ name: 'a', url: `${server.url}/2` }));
    expect(session.needsReconnect).toBe(true);
    session.forceReconnect();
    await reaches(session, 'connecting');
    await reaches(session, 'open');
    expect(session.needsReconnect).toBe(false);
    expect(server.requests.map(({ url }) => url)).toEqual(['/events/1', '/events/2']);
  });

  it('also a policy or an initial id, from the attempt on that uses it', async () => {
    const server = await serve((_, response) => response.writeHead(503).end());
    const { session } = make({ name: 'a', url: server.url });
    session.connect();
    await reaches(session, 'waiting');
    session.update(settingsOf({ name: 'a', url: server.url, policy: 'browser', lastEventId: '5' }));
    expect(session.needsReconnect).toBe(true);
    session.forceReconnect();
    await reaches(session, 'closed');
    session.connect();
    await server.until(() => server.requests.length === 3);
    expect(server.requests[2]?.headers['last-event-id']).toBe('5');
  });
});

describe('a session in a workspace that is not trusted', () => {
  it('sends nothing, by whatever way it is asked', async () => {
    const server = await serve((_, response) => response.writeHead(200, eventStream).end());
    const tokens = new Tokens();
    const { session } = make({ name: 'a', url: server.url, auth: {} }, tokens, () => {
      throw new AppError('workspace.untrusted', {});
    });
    tokens.set('a', session.origin, 'secret-token');
    for (const act of ['connect', 'forceReconnect', 'tokenSet'] as const) {
      expect(() => session[act]()).toThrow(AppError);
    }
    expect(session.state.kind).toBe('idle');
    expect({ requests: server.requests.length, reads: tokens.reads }).toEqual({ requests: 0, reads: 0 });
  });

  it('makes no further attempt either where it was trusted before', async () => {
    const server = await serve((_, response) => response.writeHead(503).end());
    let trusted = true;
    const { session, clock } = make({ name: 'a', url: server.url }, new Tokens(), () => {
      if (!trusted) throw new AppError('workspace.untrusted', {});
    });
    session.connect();
    await reaches(session, 'waiting');
    trusted = false;
    clock.advance(60_000);
    await reaches(session, 'closed');
    expect(server.requests).toHaveLength(1);
  });
});

describe('a session fills its capture', () => {
  it('with events, comments and steps in order', async () => {
    const server = await serve((_, response) =>
      response.writeHead(200, eventStream).end('id: 1\nevent: a\ndata: x\n\n: note\n\ndata: y\n\n'),
    );
    const { session } = make({ name: 'a', url: server.url });
    session.connect();
    await reaches(session, 'waiting');
    const records = rowsOf(session, 0, 100);
    expect(
      records.map((row) =>
        row.kind === 'event' ? `${row.number} ${row.type} ${row.id} ${row.ownId} ${row.preview}` : row.kind,
      ),
    ).toEqual(['step', '1 a 1 true x', 'comment', '2 message 1 false y', 'step', 'step']);
    expect(session.lastEventId).toBe('1');
    expect(session.rate()).toBe(0);
  });
});

describe('sessions', () => {
  function registry() {
    const sessions = new Sessions(portsOf(new Tokens()));
    disposables.push(sessions);
    return sessions;
  }
  const at = (name: string, path = '') => settingsOf({ name, url: `http://127.0.0.1:1/${path}` });

  it('come and go with the settings', () => {
    const sessions = registry();
    const log: string[] = [];
    sessions.onDidAdd(({ name }) => void log.push(`+${name}`));
    sessions.onDidRemove(({ name }) => void log.push(`-${name}`));
    sessions.configure([at('a'), at('b')]);
    const a = sessions.get('a');
    sessions.configure([at('a', 'new'), at('c')]);
    expect(log).toEqual(['+a', '+b', '-b', '+c']);
    expect(sessions.get('a')).toBe(a);
    expect(a.settings.url).toBe('http://127.0.0.1:1/new');
    expect(sessions.isConfigured(a)).toBe(true);
    expect(() => sessions.get('b')).toThrow(AppError);
  });

  it('stay where they were opened by hand, and are adopted by a setting of their name', () => {
    const sessions = registry();
    const opened = sessions.open(at('x'));
    expect(sessions.isConfigured(opened)).toBe(false);
    sessions.configure([]);
    expect(sessions.find('x')).toBe(opened);
    sessions.configure([at('x', '2')]);
    expect(sessions.isConfigured(opened)).toBe(true);
    expect(sessions.open(at('x', '3'))).toBe(opened);
    expect(opened.settings.url).toBe('http://127.0.0.1:1/3');
  });

  it('have the only one selected, until the user turns to one', () => {
    const sessions = registry();
    sessions.configure([at('a')]);
    expect(sessions.selected?.name).toBe('a');
    sessions.configure([at('a'), at('b')]);
    expect(sessions.selected).toBeUndefined();
    sessions.select(sessions.get('b'));
    sessions.configure([at('a')]);
    expect(sessions.selected?.name).toBe('a');
  });

  it('keep names that an object would have by nature', () => {
    const sessions = registry();
    sessions.configure([at('__proto__'), at('constructor')]);
    expect(sessions.all.map(({ name }) => name)).toEqual(['__proto__', 'constructor']);
    expect(sessions.find('toString')).toBeUndefined();
  });
});

describe('a session whose capture is restored', () => {
  const kept = (capture: Capture, text: string): void => {
    capture.addEvent(1, 3, 'message', undefined, new TextEncoder().encode(`data: ${text}\n\n`));
  };

  it('connects behind what is restored, though it was asked to before that was there', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, eventStream).write('data: new\n\n');
    });
    const { session } = make({ name: 'a', url: server.url });
    const gate = Promise.withResolvers<void>();
    const restored = session.restore(async (capture) => {
      kept(capture, 'one');
      await gate.promise;
      kept(capture, 'two');
      return 'earlier';
    });
    session.connect();
    expect(session.state.kind).toBe('idle');
    expect(session.capture.next).toBe(1);
    gate.resolve();
    expect(await restored).toBe(true);
    expect(session.captureId).toBe('earlier');
    await until(session, () => session.capture.events === 3);
    const records = Array.from({ length: session.capture.next }, (_, at) => session.capture.at(at));
    const kinds = records.map((record) => (record?.kind === 'step' ? record.step.step : record?.kind));
    expect(kinds.slice(0, 3)).toEqual(['event', 'event', 'restored']);
    expect(kinds.at(-1)).toBe('event');
    expect(records.at(-1)?.attempt).toBe(4);
    expect(server.requests).toHaveLength(1);
  });

  it('does in order what it was asked to meanwhile', async () => {
    const { session } = make({ name: 'a', url: 'http://127.0.0.1:1/' });
    const gate = Promise.withResolvers<undefined>();
    const restored = session.restore(() => gate.promise);
    session.connect();
    session.disconnect();
    gate.resolve(undefined);
    expect(await restored).toBe(false);
    expect(session.isActive).toBe(false);
    expect(session.state.kind).toBe('closed');
  });

  it('goes on with what could be read where reading fails', async () => {
    const { session } = make({ name: 'a', url: 'http://127.0.0.1:1/' });
    const failing = session.restore(async (capture) => {
      kept(capture, 'one');
      throw new Error('the disk');
    });
    await expect(failing).rejects.toThrow('the disk');
    expect(session.attempts).toBe(3);
    session.connect();
    expect(session.attempts).toBe(4);
  });

  it('keeps what this window has captured, or is about to', async () => {
    const server = await serve((_, response) => {
      response.writeHead(200, eventStream).write('data: new\n\n');
    });
    const { session } = make({ name: 'a', url: server.url });
    session.connect();
    const read = async (): Promise<string> => {
      throw new Error('Nothing is to be read.');
    };
    expect(await session.restore(read)).toBe(false);
    await until(session, () => session.capture.events === 1);
    session.disconnect();
    expect(await session.restore(read)).toBe(false);
  });
});
