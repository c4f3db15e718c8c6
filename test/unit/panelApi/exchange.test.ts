// Real servers, real failures: what the Request tab says of them.
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { Redactor } from '../../../src/base/redaction.ts';
import { CaptureBudget } from '../../../src/capture/captureBudget.ts';
import type { ConnectionInput } from '../../../src/config/connectionSettings.ts';
import { readConnections } from '../../../src/config/readConnections.ts';
import { HttpTransport } from '../../../src/node/httpTransport.ts';
import { systemClock } from '../../../src/node/systemClock.ts';
import { attemptsOf } from '../../../src/panelApi/attempts.ts';
import { exchangeOf } from '../../../src/panelApi/exchange.ts';
import { startSampleServer } from '../../../src/servers/sampleServer.ts';
import { Session } from '../../../src/session/session.ts';
import { HttpServer } from '../../support/httpServer.ts';
import { sessionEdges } from '../../support/sessionEdges.ts';
import { makeTlsCertificates } from '../../support/tlsCertificates.ts';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Connects and resolves once the condition holds. */
async function connected(
  input: Partial<ConnectionInput> & { url: string },
  token: string | undefined,
  condition: (session: Session) => boolean,
): Promise<Session> {
  const [settings] = readConnections([
    { scope: 'user', value: [{ name: 'a', policy: 'off', ...input }] },
  ]).connections;
  if (!settings) throw new Error('The settings are wrong.');
  const transport = new HttpTransport();
  const session = new Session(settings, {
    clock: systemClock,
    random: Math.random,
    transport,
    tokens: { read: async () => token },
    redactor: new Redactor(),
    budget: new CaptureBudget(),
    ...sessionEdges(),
  });
  cleanups.push(
    () => transport.dispose(),
    () => session.dispose(),
  );
  const changed = Promise.withResolvers<void>();
  const subscription = session.onDidChange(() => condition(session) && changed.resolve());
  session.connect();
  await changed.promise;
  subscription.dispose();
  return session;
}

const isOver = ({ state }: Session): boolean => state.kind === 'closed' || state.kind === 'needsToken';

it('a stream of the sample server, with what was sent for it', async () => {
  const sample = await startSampleServer({ intervalMs: 5 });
  cleanups.push(() => sample.dispose());
  const token = await sample.mint();
  const session = await connected(
    { url: `${sample.url}/events/orders`, auth: { placement: 'header' } },
    token,
    ({ state }) => state.kind === 'open',
  );
  const exchange = exchangeOf(session, 1);
  const header = (name: string) => exchange?.request?.headers.find((one) => one.name === name);
  expect(header('Authorization')).toEqual({ name: 'Authorization', value: '•••', masked: true });
  expect(header('Host')?.value).toBe(new URL(sample.url).host);
  expect(exchange?.response).toMatchObject({ status: '200 OK', version: '1.1' });
  expect(exchange?.timing.slice(0, 2).map(({ kind }) => kind)).toEqual(['connect', 'wait']);
  expect(JSON.stringify(exchange)).not.toContain(token);
});

it('redirects, hop by hop, and the answer at their end', async () => {
  const server = await HttpServer.start(({ url }, response) => {
    if (url === '/events') response.writeHead(302, { Location: '/second' }).end();
    else if (url === '/second') response.writeHead(307, { Location: '/third' }).end();
    else response.writeHead(418, 'Teapot', { 'Content-Type': 'application/json' }).end('{"no":"coffee"}');
  });
  cleanups.push(() => server.close());
  const session = await connected({ url: server.url }, undefined, isOver);
  const { origin } = new URL(server.url);
  expect(attemptsOf(session).rows.map(({ attempt, title, origin }) => [attempt, title, origin])).toEqual([
    [3, '418 Teapot', 'redirect of attempt 2'],
    [2, '307 Temporary Redirect', 'redirect of attempt 1'],
    [1, '302 Found', 'Connect'],
  ]);
  const hops = [
    { attempt: 1, status: '302 Found', from: `${origin}/events`, to: `${origin}/second` },
    { attempt: 2, status: '307 Temporary Redirect', from: `${origin}/second`, to: `${origin}/third` },
  ];
  expect(exchangeOf(session, 1)?.redirects).toEqual(hops.slice(0, 1));
  expect(exchangeOf(session, 3)).toMatchObject({
    request: { url: `${origin}/third` },
    response: { status: '418 Teapot', body: '{"no":"coffee"}' },
    redirects: hops,
  });
});

it('a refused token, with the reason', async () => {
  const sample = await startSampleServer();
  cleanups.push(() => sample.dispose());
  const url = `${sample.url}/events/orders`;
  const session = await connected({ url, auth: { placement: 'query' } }, 'not a token at all', isOver);
  const exchange = exchangeOf(session, 1);
  expect(exchange?.request?.url).toBe(`${url}?token=•••`);
  expect(exchange?.response?.status).toMatch(/^401/);
  expect(attemptsOf(session).rows[0]?.text).toBe(exchange?.facts.find(({ label }) => label === 'Why')?.value);
  expect(exchange?.facts.find(({ label }) => label === 'Why')?.value).toBeTruthy();
  expect(exchange?.response?.body).toBeTruthy();
  expect(JSON.stringify(exchange)).not.toMatch(/not.{1,3}a.{1,3}token.{1,3}at/);
});

it('no way to the server: the request, how long it took, and what was wrong', async () => {
  const { selfSigned } = await makeTlsCertificates();
  const server = createServer(selfSigned, (_, response) => void response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const secure = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  for (const [url, words] of [
    [secure, /DEPTH_ZERO_SELF_SIGNED_CERT/],
    ['http://nobody.invalid/', /ENOTFOUND|EAI_AGAIN/],
  ] as const) {
    const session = await connected({ url }, undefined, isOver);
    const exchange = exchangeOf(session, 1);
    expect(exchange).toMatchObject({ request: { url }, timing: [{ kind: 'failed', from: 0 }] });
    expect(exchange).not.toHaveProperty('response');
    expect(exchange?.facts.find(({ label }) => label === 'Error')?.value).toMatch(words);
    expect(attemptsOf(session).rows).toMatchObject([{ title: 'No answer', tone: 'error' }]);
  }
});
