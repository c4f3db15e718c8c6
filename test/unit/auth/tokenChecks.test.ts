import type { IncomingMessage, ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { KeySets } from '../../../src/auth/keySets.ts';
import { askWebhook } from '../../../src/auth/webhook.ts';
import { HttpTransport } from '../../../src/node/httpTransport.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { HttpServer } from '../../support/httpServer.ts';

const transport = new HttpTransport();
const clock = new FakeClock();
const ports = { transport, clock };
let server: HttpServer | undefined;
afterEach(() => server?.close());

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

async function serve(answer: Answer): Promise<string> {
  server = await HttpServer.start(answer);
  return server.url;
}

function json(value: unknown, status = 200): Answer {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  };
}

const key = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'a' };

describe('KeySets', () => {
  it('keeps a set, and fetches it again for an unknown key or when it is old', async () => {
    const url = await serve(json({ keys: [key] }));
    const sets = new KeySets(ports);
    const requests = () => server?.requests.length;
    expect(await sets.get(url, 'a', undefined)).toEqual([key]);
    await sets.get(url, 'a', undefined);
    // Not yet for an unknown key either: whoever makes up ids can't have it fetched each time.
    await sets.get(url, 'b', undefined);
    expect(requests()).toBe(1);
    clock.advance(30_000);
    await sets.get(url, 'a', undefined);
    expect(requests()).toBe(1);
    await sets.get(url, 'b', undefined);
    expect(requests()).toBe(2);
    clock.advance(10 * 60_000);
    await sets.get(url, undefined, undefined);
    expect(requests()).toBe(3);
  });

  it('has one flight for all who ask at once', async () => {
    const url = await serve(json({ keys: [key] }));
    const sets = new KeySets(ports);
    await Promise.all(Array.from({ length: 20 }, () => sets.get(url, 'a', undefined)));
    expect(server?.requests).toHaveLength(1);
  });

  it('asks for JSON, without a token', async () => {
    const url = await serve(json({ keys: [] }));
    await new KeySets(ports).get(url, undefined, undefined);
    const headers = server?.requests[0]?.headers;
    expect(headers?.accept).toContain('application/json');
    expect(headers?.authorization).toBeUndefined();
  });

  it('leaves out what is no public key', async () => {
    const { publicKey } = await generateKeyPair('ES256');
    const real = await exportJWK(publicKey);
    const url = await serve(
      json({
        keys: [null, 'x', [], {}, { kty: 1 }, { kty: 'oct', k: 'c2VjcmV0' }, { kty: 'EC', crv: {} }, real],
      }),
    );
    expect(await new KeySets(ports).get(url, undefined, undefined)).toEqual([real]);
  });

  it.each<[string, Answer, RegExp]>([
    [
      'HTML',
      (_, r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hello'),
      /answered "text\/html" that is not JSON/,
    ],
    ['nothing', (_, r) => r.end(), /answered something that is not JSON/],
    ['other JSON', json({ jwks_uri: 'x' }), /is not a JWKS: it has no list "keys"/],
    ['a list', json([key]), /is not a JWKS/],
    ['null', json(null), /is not a JWKS/],
    ['101 keys', json({ keys: Array.from({ length: 101 }, () => key) }), /more than 100 keys/],
    ['404', json({ keys: [key] }, 404), /answered 404$/],
    [
      'a redirect',
      (_, r) => r.writeHead(302, { location: 'http://example.com/' }).end(),
      /answered 302, and redirects are not followed/,
    ],
    ['a flood', (_, r) => r.end(`{"keys":[${'"x",'.repeat(100_000)}"x"]}`), /it sent more than 256 KiB/],
    ['no answer', (request) => request.socket.destroy(), /gave no answer: .*/],
  ])('says what is wrong with %s', async (_, answer, reason) => {
    const url = await serve(answer);
    const sets = new KeySets(ports);
    await expect(sets.get(url, 'a', undefined)).rejects.toThrow(reason);
    await expect(sets.get(url, 'a', undefined)).rejects.toThrow(new URL(url).host);
    expect(server?.requests).toHaveLength(2);
  });

  it('waits ten seconds, and leaves nothing behind', async () => {
    const url = await serve(() => {});
    const outcome = new KeySets(ports).get(url, 'a', undefined).catch((error: Error) => error.message);
    await server?.until(() => server?.requests.length === 1);
    clock.advance(9_999);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    expect(await outcome).toMatch(/took more than 10 s/);
    expect(clock.pending).toBe(0);
    await server?.until(() => server?.sockets.size === 0);
  });
});

describe('askWebhook', () => {
  const ask = (url: string) => askWebhook('a.b.c', { url, topic: 'orders' }, undefined, ports);

  it('sends token and topic as JSON, and reads what is said of them', async () => {
    let body = '';
    const url = await serve((request, response) => {
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => response.end('{"valid":true,"user_id":"u1","expires_at":1735689600}'));
    });
    expect(await ask(url)).toEqual({ valid: true, userId: 'u1', expiresAt: 1_735_689_600_000 });
    expect(JSON.parse(body)).toEqual({ jwt: 'a.b.c', topic: 'orders' });
    expect(server?.requests[0]).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
  });

  it.each([
    [{ valid: false, user_id: null, expires_at: null }, { valid: false }],
    [{ valid: true }, { valid: true }],
    [
      { valid: true, user_id: 'x'.repeat(1_000) },
      { valid: true, userId: 'x'.repeat(200) },
    ],
  ])('takes %j', async (said, expected) => {
    expect(await ask(await serve(json(said)))).toEqual(expected);
  });

  it.each<[string, Answer, RegExp]>([
    ['"valid" as text', json({ valid: 'true' }), /"valid" is not true or false/],
    ['a list', json([true]), /"valid" is not/],
    ['null', json(null), /"valid" is not/],
    ['a number for the user', json({ valid: true, user_id: 5 }), /"user_id" is not a text/],
    [
      'a date for the end',
      json({ valid: true, expires_at: '2026-01-01' }),
      /"expires_at" is not a number of seconds/,
    ],
    [
      'milliseconds',
      json({ valid: true, expires_at: 1_735_689_600_000 }),
      /"expires_at" is not a number of seconds/,
    ],
    ['503', json({ valid: true }, 503), /answered 503/],
    [
      'a redirect',
      (_, r) => r.writeHead(307, { location: '/elsewhere' }).end(),
      /redirects are not followed/,
    ],
    ['HTML', (_, r) => r.end('<html>'), /not JSON/],
    ['a flood', (_, r) => r.end(' '.repeat(65 * 1024)), /more than 64 KiB/],
  ])('does not take %s', async (_, answer, reason) => {
    const failure = await ask(await serve(answer)).catch((error: Error) => error.message);
    expect(failure).toMatch(reason);
    expect(failure).not.toContain('a.b.c');
    expect(server?.requests).toHaveLength(1);
  });

  it('gives up on an answer that never ends', async () => {
    const url = await serve((_, response) => {
      response.write('{"valid":');
    });
    const outcome = ask(url).catch((error: Error) => error.message);
    await server?.until(() => server?.requests.length === 1);
    clock.advance(10_000);
    expect(await outcome).toMatch(/took more than 10 s/);
    await server?.until(() => server?.sockets.size === 0);
  });
});
