import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { Approvals } from '../../../src/auth/approvals.ts';
import { AppError } from '../../../src/base/errors.ts';
import { Redactor } from '../../../src/base/redaction.ts';
import { CaptureBudget } from '../../../src/capture/captureBudget.ts';
import type { ConnectionSettings } from '../../../src/config/connectionSettings.ts';
import { readConnections } from '../../../src/config/readConnections.ts';
import { tokenFindings } from '../../../src/jwt/findings.ts';
import { HttpTransport } from '../../../src/node/httpTransport.ts';
import type { Session } from '../../../src/session/session.ts';
import { Sessions } from '../../../src/session/sessions.ts';
import { TokenVerifier } from '../../../src/session/tokenVerifier.ts';
import { Verifications } from '../../../src/session/verifications.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { FakeTransport } from '../../support/fakeTransport.ts';
import { HttpServer } from '../../support/httpServer.ts';
import { sessionEdges } from '../../support/sessionEdges.ts';

// `verify` of the settings, from a token in the store to a verdict, against real servers.

const disposables: { dispose(): void }[] = [];
const servers: HttpServer[] = [];
afterEach(async () => {
  for (const item of disposables.splice(0).reverse()) item.dispose();
  for (const server of servers.splice(0)) await server.close();
});

const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
const jwk = { ...(await exportJWK(publicKey)), kid: 'k1' };
const token = await sign({ sub: 'alice' });

function sign(claims: object): Promise<string> {
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'ES256', kid: 'k1' }).sign(privateKey);
}

/** A server that has the keys at any path but /verify, where it is the issuer's webhook. */
async function issuer(word: object = { valid: true, user_id: 'alice', expires_at: null }) {
  const bodies: string[] = [];
  const server = await HttpServer.start((request, response) => {
    request.on('data', (chunk) => bodies.push(String(chunk)));
    request.on('end', () => response.end(JSON.stringify(request.url === '/verify' ? word : { keys: [jwk] })));
  });
  servers.push(server);
  return { server, bodies, origin: `http://127.0.0.1:${server.port}` };
}

function world(verify: object | undefined, scope: 'user' | 'workspace' = 'workspace') {
  const clock = new FakeClock();
  const http = new HttpTransport();
  const stream = new FakeTransport();
  const stored = new Map<string, string>();
  const asked: string[] = [];
  const masked: string[] = [];
  const failures: unknown[] = [];
  const state = { token: token as string | undefined, allow: true, isTrusted: true };
  // The token was stored for the connection here.
  const given = JSON.stringify(['stored', 'orders', 'http://api.test', 'the workspace']);
  const kept: { keys: readonly string[] } = { keys: [given] };
  const approvals = new Approvals(
    {
      read: () => kept.keys,
      write: async (keys) => {
        kept.keys = keys;
      },
    },
    async ({ origin, sources }) => {
      asked.push(`${sources.map(({ kind, name }) => `${kind} ${name}`)} -> ${origin}`);
      return state.allow;
    },
    () => 'the workspace',
  );
  const requests = {
    ...sessionEdges(),
    approvals,
    variables: { env: () => undefined, secret: async (name: string) => stored.get(name) },
    assertAllowed: () => {
      if (!state.isTrusted) throw new AppError('workspace.untrusted', {});
    },
  };
  const sessions = new Sessions({
    ...requests,
    clock,
    random: () => 0,
    transport: stream,
    tokens: { read: async () => state.token },
    redactor: new Redactor(),
    budget: new CaptureBudget(),
  });
  const verifier = new TokenVerifier({
    ...requests,
    transport: http,
    clock,
    mask: (value) => void masked.push(value),
  });
  const verifications = new Verifications(sessions, {
    verifier,
    assertAllowed: requests.assertAllowed,
    failed: (error) => void failures.push(error),
  });
  disposables.push(http, sessions, verifications);
  const value = [
    {
      name: 'orders',
      url: 'http://api.test/events',
      auth: { placement: 'header' },
      ...(verify ? { verify } : {}),
    },
  ];
  const { connections, problems } = readConnections([{ scope, value }]);
  expect(problems).toEqual([]);
  sessions.configure(connections);
  const session = sessions.get('orders');
  const known = { stored, kept, approvals, asked, masked, failures, state };
  return { clock, sessions, session, verifications, stream, ...known };
}

/** The next verdict of a token that is read now. */
async function verdictOfNew({ session, verifications }: ReturnType<typeof world>) {
  const next = new Promise<void>((resolve) => {
    const subscription = verifications.onDidChange(() => {
      subscription.dispose();
      resolve();
    });
  });
  await session.readToken();
  await next;
  return verifications.verdictOf(session);
}

describe('a new token', () => {
  it('is checked by itself where the settings say how, once', async () => {
    const { server, origin } = await issuer();
    const all = world({ jwks: `${origin}/jwks` });
    expect(await verdictOfNew(all)).toEqual({
      result: 'valid',
      algorithm: 'ES256',
      keyId: 'k1',
      by: `the JWKS of 127.0.0.1:${server.port}`,
      checkedAt: all.clock.now(),
    });
    await all.session.readToken();
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.headers.authorization).toBeUndefined();
    // Another token has no verdict until it is checked.
    all.state.token = await sign({ sub: 'bob' });
    const next = verdictOfNew(all);
    expect((await next)?.result).toBe('valid');
    all.session.tokenForgotten();
    expect(all.verifications.verdictOf(all.session)).toBeUndefined();
    expect([all.asked, all.failures]).toEqual([[], []]);
  });

  it('is checked again where the settings say another way', async () => {
    const all = world({ jwk });
    expect((await verdictOfNew(all))?.result).toBe('valid');
    const other = await exportJWK((await generateKeyPair('ES256', { extractable: true })).publicKey);
    const changed = new Promise<Session>((resolve) => void all.verifications.onDidChange(resolve));
    const settings: ConnectionSettings = { ...all.session.settings, verify: { jwk: { ...other } } };
    all.sessions.configure([settings]);
    await changed;
    expect(all.verifications.verdictOf(all.session)).toMatchObject({
      result: 'invalid',
      reason: 'the signature does not match',
    });
  });

  it('is left alone where nothing says how, and in an untrusted workspace', async () => {
    const { server, origin } = await issuer();
    for (const verify of [undefined, { audience: 'x' }, { jwks: `${origin}/jwks` }]) {
      const all = world(verify);
      all.state.isTrusted = false;
      await all.session.readToken();
      await expect(all.verifications.verify(all.session)).rejects.toMatchObject({
        code: 'workspace.untrusted',
      });
      expect(all.verifications.verdictOf(all.session)).toBeUndefined();
    }
    expect(server.requests).toHaveLength(0);
  });

  it('never goes to a webhook unasked, and nobody is asked by it', async () => {
    const { server, origin } = await issuer();
    const all = world({ webhook: { url: `${origin}/verify`, topic: 'orders' } });
    expect(await verdictOfNew(all)).toMatchObject({
      result: 'unchecked',
      reason: `you have not allowed yet to send the token to ${origin}: run Verify Token`,
    });
    expect([all.asked, server.requests.length]).toEqual([[], 0]);
  });
});

it('shows the token of another workspace only once the user has said so', async () => {
  const all = world(undefined);
  all.kept.keys = [];
  await all.session.readToken();
  expect(all.session.token).toBeUndefined();
  const sources = [{ kind: 'stored' as const, name: 'orders' }];
  await all.approvals.remember('http://api.test', sources);
  await all.session.readToken();
  expect(all.session.token?.decoded.kind).toBe('jwt');
});

describe('Verify Token', () => {
  it('says what is missing in the settings, or of the token', async () => {
    const none = world(undefined);
    await none.session.readToken();
    await expect(none.verifications.verify(none.session)).rejects.toMatchObject({ code: 'verify.unset' });
    const noToken = world({ jwk });
    await expect(noToken.verifications.verify(noToken.session)).rejects.toMatchObject({
      code: 'token.missing',
    });
  });

  it('asks by name before the token goes to a webhook, once', async () => {
    const { server, bodies, origin } = await issuer();
    const all = world({ webhook: { url: `${origin}/verify`, topic: 'orders' } });
    await verdictOfNew(all);
    all.state.allow = false;
    await expect(all.verifications.verify(all.session)).rejects.toMatchObject({ code: 'approval.refused' });
    expect(server.requests).toHaveLength(0);
    all.state.allow = true;
    const verdict = await all.verifications.verify(all.session);
    expect(verdict).toMatchObject({
      result: 'valid',
      userId: 'alice',
      by: `the webhook of ${new URL(origin).host}`,
    });
    await all.verifications.verify(all.session);
    expect(all.asked).toEqual(Array(2).fill(`token orders (http://api.test) -> ${origin}`));
    expect(bodies.map((body) => JSON.parse(body))).toEqual(Array(2).fill({ jwt: token, topic: 'orders' }));
  });

  it("asks also where the user's own settings name the webhook, and from then on new tokens go there", async () => {
    const { origin } = await issuer({ valid: false, user_id: null, expires_at: null });
    const all = world({ webhook: { url: `${origin}/verify`, topic: 'orders' } }, 'user');
    expect(await verdictOfNew(all)).toMatchObject({ result: 'unchecked' });
    const invalid = { result: 'invalid', reason: `the webhook of ${new URL(origin).host} says so` };
    expect(await all.verifications.verify(all.session)).toMatchObject(invalid);
    all.state.token = await sign({ sub: 'bob' });
    expect(await verdictOfNew(all)).toMatchObject(invalid);
    expect(all.asked).toEqual([`token orders (http://api.test) -> ${origin}`]);
  });

  it('lets a webhook judge a token that is no JWT, which keys can not', async () => {
    const { origin } = await issuer();
    const opaque = world({ webhook: { url: `${origin}/verify`, topic: 'orders' } }, 'user');
    opaque.state.token = 'opaque-token';
    await verdictOfNew(opaque);
    expect((await opaque.verifications.verify(opaque.session)).result).toBe('valid');
    const keys = world({ jwk });
    keys.state.token = 'opaque-token';
    expect(await verdictOfNew(keys)).toMatchObject({
      result: 'unchecked',
      reason: expect.stringContaining('not a JWT'),
    });
  });

  it('wants the secret where it is not stored, masks it, and finds it too short', async () => {
    const secret = 'only-16-letters!';
    const all = world({ secret: 'signing' });
    all.state.token = await new SignJWT({ sub: 'a' })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(secret));
    expect(await verdictOfNew(all)).toMatchObject({
      result: 'unchecked',
      reason: 'the secret signing is not stored yet',
    });
    await expect(all.verifications.verify(all.session)).rejects.toMatchObject({
      code: 'secret.missing',
      facts: { name: 'signing' },
    });
    all.stored.set('signing', secret);
    const verdict = await all.verifications.verify(all.session);
    expect(verdict).toMatchObject({ result: 'valid', by: 'the secret signing', secretBits: 128 });
    expect(all.masked).toEqual([secret]);
    expect(JSON.stringify(verdict)).not.toContain(secret);
  });

  it('says why keys are not to be had', async () => {
    const { server } = await issuer();
    const all = world({ jwks: `http://127.0.0.1:${server.port}/jwks` });
    await server.close();
    servers.length = 0;
    expect(await verdictOfNew(all)).toMatchObject({
      result: 'unchecked',
      reason: expect.stringMatching(/^The JWKS of 127\.0\.0\.1:\d+ gave no answer: /),
    });
    expect(await verdictOfNew(world({ publicKey: '-----BEGIN PUBLIC KEY-----\nx' }))).toMatchObject({
      result: 'unchecked',
      reason: '"publicKey" of the settings could not be read as a key',
    });
  });
});

it('keeps the token that another one took the place of', async () => {
  const { session, state } = world(undefined);
  await session.readToken();
  expect(session.token?.previous).toBeUndefined();
  const before = session.token?.decoded;
  state.token = await sign({ sub: 'bob' });
  await session.readToken();
  await session.readToken();
  expect(session.token?.previous).toEqual(before);
  session.tokenForgotten();
  await session.readToken();
  expect(session.token?.previous).toBeUndefined();
});

describe('what is known of how a token is used', () => {
  it('has the clock of the server, the audience it asked for, and what the stream was let in with', async () => {
    const all = world({ issuer: 'me', audience: 'b' });
    const { clock, session, stream, state } = all;
    const exp = clock.now() / 1_000 + 60;
    state.token = await sign({ sub: 'a', aud: 'a', iss: 'me', exp });
    const findings = () => {
      const { decoded } = session.token ?? {};
      return decoded ? tokenFindings(decoded, clock.now(), session.tokenContext).map(({ code }) => code) : [];
    };
    session.connect();
    await until(() => stream.exchanges.length === 1);
    expect(session.tokenContext).toMatchObject({
      placement: 'header',
      expected: { issuer: 'me', audience: 'b' },
    });
    const date = new Date(clock.now() + 40_000).toUTCString();
    stream.last.head(401, { Date: date, 'WWW-Authenticate': 'Bearer error="invalid_token", audience="c"' });
    stream.last.end();
    await until(() => session.state.kind === 'needsToken' || session.state.kind === 'closed');
    expect(session.tokenContext).toMatchObject({ skewMs: 40_000, askedAudience: 'c' });
    expect(findings()).toEqual(['wrongAudience', 'plainHttp']);
    clock.advance(20_000);
    expect(findings()).toEqual(['expired', 'wrongAudience', 'plainHttp']);
    // Taken after all: what was asked for is of no matter any more.
    state.token = await sign({ sub: 'a', aud: 'b', iss: 'me', exp });
    session.connect();
    await until(() => stream.exchanges.length === 2);
    stream.last.head(200, { 'Content-Type': 'text/event-stream', Date: new Date(clock.now()).toUTCString() });
    await until(() => session.state.kind === 'open');
    expect(findings()).toEqual(['plainHttp']);
    clock.advance(120_000);
    expect(findings()).toEqual(['expired', 'plainHttp', 'outlivedByStream']);
  });

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => setImmediate(resolve));
  }
});
