import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { askServer } from '../../../src/auth/askServer.ts';
import { TokenBroker } from '../../../src/auth/tokenBroker.ts';
import { AppError } from '../../../src/base/errors.ts';
import { Redactor } from '../../../src/base/redaction.ts';
import { CaptureBudget } from '../../../src/capture/captureBudget.ts';
import { readConnections } from '../../../src/config/readConnections.ts';
import { HttpTransport } from '../../../src/node/httpTransport.ts';
import { detailOf } from '../../../src/panelApi/view.ts';
import { describeStep } from '../../../src/session/describe.ts';
import { Masks } from '../../../src/session/masks.ts';
import { Session, type SessionPorts } from '../../../src/session/session.ts';
import { canariesIn, canaryCredential as credential, canaryToken as token } from '../../support/canary.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { HttpServer } from '../../support/httpServer.ts';
import { sessionEdges, sourceEdges } from '../../support/sessionEdges.ts';
import { rowsOf, snapshotOf } from '../../support/unfiltered.ts';

// A token and the credentials it is had with, through every source and every failure: none is in what a user is shown or
// what is kept, also where servers echo all that they were sent.

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** All that was sent, as servers put it into bodies, headers and challenges. */
async function everythingOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return `${request.url} ${JSON.stringify(request.headers)} ${body}`;
}

/** @param challenges whether it says it in a header, too, where a client would read that first */
async function echo(
  status: number,
  request: IncomingMessage,
  response: ServerResponse,
  challenges = true,
): Promise<void> {
  const all = await everythingOf(request);
  response
    .writeHead(status, {
      'Content-Type': 'application/json',
      'X-Echo': all.replaceAll(/[^\x20-\x7e]/g, ''),
      ...(challenges
        ? {
            'WWW-Authenticate': `Bearer error="invalid_token", error_description="${all.replaceAll(/["\\]/g, '')}"`,
          }
        : {}),
    })
    .end(JSON.stringify({ error: 'invalid_client', error_description: all }));
}

async function shownOf(
  source: object,
  mint: (request: IncomingMessage, response: ServerResponse) => unknown,
  more: Partial<SessionPorts['sources']> = {},
  placement = 'header',
): Promise<string> {
  const clock = new FakeClock();
  const redactor = new Redactor();
  const [stream, mintServer] = [
    await HttpServer.start((request, response) => void echo(401, request, response)),
    await HttpServer.start((request, response) => void mint(request, response)),
  ];
  const transport = new HttpTransport();
  const masks = new Masks(redactor);
  const broker = new TokenBroker({ clock, random: () => 0 });
  ends.push(
    () => stream.close(),
    () => mintServer.close(),
    () => transport.dispose(),
    () => broker.dispose(),
  );
  const written = JSON.parse(JSON.stringify(source).replaceAll('MINT', mintServer.url));
  const { connections, problems } = readConnections([
    { scope: 'user', value: [{ name: 'a', url: stream.url, auth: { placement, token: written } }] },
  ]);
  expect(problems).toEqual([]);
  const [settings] = connections;
  if (!settings) throw new Error('There is no connection.');
  const session = new Session(settings, {
    clock,
    random: () => 0,
    transport,
    tokens: { read: async () => token },
    redactor,
    budget: new CaptureBudget(),
    ...sessionEdges(),
    variables: { env: () => token, secret: async () => credential },
    sources: {
      ...sourceEdges(clock),
      broker,
      ask: askServer({ transport, clock }),
      mask: (value) => masks.add(value),
      ...more,
    },
  });
  ends.push(() => session.dispose());
  const log: string[] = [];
  session.onDidStep(({ step, attempt }) => log.push(JSON.stringify(describeStep(step, attempt))));
  session.connect();
  while (!['closed', 'needsToken'].includes(session.state.kind)) {
    await new Promise<void>((resolve) => {
      const subscription = session.onDidChange(() => {
        subscription.dispose();
        resolve();
      });
    });
    if (session.state.kind === 'waiting' && log.some((line) => line.includes('back-off of the token source')))
      session.disconnect();
    else if (session.state.kind === 'waiting') clock.advance(500);
  }
  await session.refreshToken().catch((error: unknown) => log.push(JSON.stringify(error)));
  const { capture } = session;
  const rows = rowsOf(session, capture.first, capture.next);
  return JSON.stringify({
    log,
    rows,
    details: rows.map(({ position }) => detailOf(session, position)),
    records: rows.map(({ position }) => capture.at(position)),
    snapshot: snapshotOf(session, 0, redactor.url(settings.url)),
    state: session.state,
    token: session.token,
    error: session.requestError,
  });
}

const gives = (value: object) => (_: IncomingMessage, response: ServerResponse) =>
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
const oauth = { from: 'oauth2', tokenEndpoint: 'MINT', clientId: 'me', clientSecret: 'S' };
const endpoint = { from: 'endpoint', url: 'MINT', credential: { secret: 'S' } };

describe('no canary is shown or kept', () => {
  it.each([
    ['secret', { from: 'secret' }],
    ['env', { from: 'env', name: 'T' }],
    ['session', { from: 'session', provider: 'p' }],
    ['command', { from: 'command', command: ['x'] }],
    ['endpoint', endpoint],
    [
      'endpoint with its credential in the query',
      { ...endpoint, credential: { secret: 'S', placement: 'query' } },
    ],
    [
      'endpoint with its credential in the body',
      { from: 'endpoint', url: 'MINT', body: { key: '${secret:S}' } },
    ],
    ['oauth2', { ...oauth, grant: 'client_credentials' }],
    ['oauth2 by refresh token', { ...oauth, grant: 'refresh_token', clientAuthentication: 'post' }],
  ])('of a token from %s that the server refuses', async (_, source) => {
    for (const placement of ['header', 'query', 'cookie']) {
      const text = await shownOf(
        source,
        gives({ access_token: token, token_type: 'Bearer', expires_in: 60 }),
        {
          authentication: { accessToken: async () => token },
          commands: { run: async () => token },
        },
        placement,
      );
      expect(text).toContain('401');
      expect(canariesIn(text)).toEqual([]);
    }
  });

  it.each([
    ['endpoint', endpoint, 400],
    ['endpoint', endpoint, 503],
    ['oauth2', { ...oauth, grant: 'client_credentials' }, 400],
    ['oauth2', { ...oauth, grant: 'client_credentials' }, 401],
    ['oauth2', { ...oauth, grant: 'refresh_token', clientAuthentication: 'post' }, 400],
    ['oauth2', { ...oauth, grant: 'refresh_token' }, 200],
  ])('of what is sent to %s %o that answers %i with all of it', async (_, source, status) => {
    for (const challenges of [true, false]) {
      const text = await shownOf(source, (request, response) => echo(status, request, response, challenges));
      expect(text).toMatch(/tokenServer\./);
      expect(canariesIn(text)).toEqual([]);
    }
  });

  it.each([
    ['two', `${token}\n${token}`],
    ['one with a space', `${token} x`],
    ['an odd character', `${token}é`],
  ])('of a source that gives %s', async (_, given) => {
    for (const [source, mint] of [
      [{ from: 'command', command: ['x'] }, gives({})],
      [endpoint, gives({ token: given })],
    ] as const) {
      const text = await shownOf(source, mint, { commands: { run: async () => given } });
      expect(text).toContain('source.token');
      expect(canariesIn(text)).toEqual([]);
    }
  });

  it('of a provider of sign-ins that says it in its error', async () => {
    const text = await shownOf({ from: 'session', provider: 'p' }, gives({}), {
      authentication: {
        accessToken: async () => Promise.reject(new AppError('signIn.failed', { reason: 'it says no' })),
      },
    });
    expect(text).toContain('signIn.failed');
    expect(canariesIn(text)).toEqual([]);
  });
});
