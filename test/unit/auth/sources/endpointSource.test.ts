import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { askServer } from '../../../../src/auth/askServer.ts';
import { endpointSource } from '../../../../src/auth/sources/endpointSource.ts';
import { HttpTransport } from '../../../../src/node/httpTransport.ts';
import { FakeClock } from '../../../support/fakeClock.ts';
import { HttpServer } from '../../../support/httpServer.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const json = { 'Content-Type': 'application/json' };

/** Asks a real server that answers so. */
async function ask(
  answer: (response: ServerResponse) => void,
  {
    paths = ['/access_token', '/token'],
    clock = new FakeClock(),
    signal = new AbortController().signal,
  } = {},
) {
  const server = await HttpServer.start((_, response) => answer(response));
  const transport = new HttpTransport();
  ends.push(async () => {
    transport.dispose();
    await server.close();
  });
  const source = endpointSource(
    'key',
    { tokenPaths: paths, lifetimePaths: ['/expires_in'] },
    async () => ({ url: server.url, method: 'POST', headers: [] }),
    askServer({ transport, clock }),
  );
  return { server, read: () => source.read(signal) };
}

const answers = async (value: unknown, options?: Parameters<typeof ask>[1]) =>
  (await ask((response) => response.writeHead(200, json).end(JSON.stringify(value)), options)).read();

describe('an endpoint', () => {
  it('gives the token and its lifetime where they are looked for', async () => {
    await expect(answers({ token: 'abc', expires_in: 300 })).resolves.toMatchObject({
      token: 'abc',
      lifetimeMs: 300_000,
    });
    await expect(
      answers({ token: 'b', access_token: ' Bearer a ', expires_in: '60' }),
    ).resolves.toMatchObject({
      token: 'a',
      lifetimeMs: 60_000,
    });
    await expect(answers({ data: [{ 'a/b': 'deep' }] }, { paths: ['/data/0/a~1b'] })).resolves.toMatchObject({
      token: 'deep',
    });
    await expect(answers('itself', { paths: [''] })).resolves.toMatchObject({ token: 'itself' });
  });

  it('tells by how much its clock is ahead', async () => {
    const clock = new FakeClock();
    const date = new Date(clock.now() + 90_000).toUTCString();
    const { read } = await ask((response) => response.writeHead(200, { Date: date }).end('{"token":"a"}'), {
      clock,
    });
    await expect(read()).resolves.toMatchObject({ skewMs: 90_000 });
  });

  it.each([
    ['nothing at all', '', 'tokenServer.notJson'],
    ['an HTML page', '<!doctype html><p>Sign in', 'tokenServer.notJson'],
    ['no token', '{}', 'tokenServer.noToken'],
    ['one that is no text', '{"token":{"a":1}}', 'tokenServer.noToken'],
    ['one of its prototype', '{"__proto__":{"token":"x"}}', 'tokenServer.noToken'],
    ['an empty one', '{"token":"  "}', 'source.empty'],
    ['two', '{"token":"one\\ntwo"}', 'source.token'],
    ['a list', '[1]', 'tokenServer.noToken'],
    ['null', 'null', 'tokenServer.noToken'],
    ['one that is over', '{"token":"a","expires_in":0}', 'tokenServer.lifetime'],
    ['one that was over long ago', '{"token":"a","expires_in":"-1"}', 'tokenServer.lifetime'],
  ])('that answers with %s is told of', async (_, body, code) => {
    const { read } = await ask((response) => response.writeHead(200, json).end(body));
    await expect(read()).rejects.toMatchObject({ code });
  });

  it.each([
    [401, undefined],
    [302, undefined],
    [500, 7_000],
    [429, 7_000],
  ])('that answers %i is told of, and may be asked again after %s ms', async (status, retryAfterMs) => {
    const { read, server } = await ask((response) =>
      response.writeHead(status, { 'Retry-After': '7', Location: '/elsewhere' }).end('{"token":"a"}'),
    );
    const { facts } = await read().catch((error) => error);
    expect(facts).toMatchObject({ status, origin: new URL(server.url).origin });
    expect(facts.retryAfterMs).toBe(retryAfterMs);
    expect(server.requests).toHaveLength(1);
  });

  it('whose lifetime is no number says nothing of it', async () => {
    for (const expires_in of [null, 'soon', {}, undefined])
      await expect(answers({ token: 'a', expires_in })).resolves.not.toHaveProperty('lifetimeMs');
  });

  it("that answers more than a token needs, hangs, breaks off or isn't there, is told of", async () => {
    const flood = await ask((response) => response.writeHead(200, json).end('x'.repeat(70_000)));
    await expect(flood.read()).rejects.toMatchObject({ code: 'tokenServer.tooLarge' });

    const clock = new FakeClock();
    const hanging = await ask((response) => response.writeHead(200, json).write('{'), { clock });
    const read = hanging.read();
    await hanging.server.until(() => hanging.server.requests.length === 1);
    clock.advance(30_000);
    await expect(read).rejects.toMatchObject({
      code: 'tokenServer.unreachable',
      facts: { reason: 'it took more than 30 s' },
    });
    await hanging.server.until(() => hanging.server.sockets.size === 0);
    expect(clock.pending).toBe(0);

    const cut = await ask((response) => response.destroy());
    const { url } = cut.server;
    await expect(cut.read()).rejects.toMatchObject({ code: 'tokenServer.unreachable' });
    await cut.server.close();
    const gone = askServer({ transport: new HttpTransport(), clock: new FakeClock() });
    await expect(
      gone({ url, method: 'GET', headers: [] }, new AbortController().signal),
    ).rejects.toMatchObject({ code: 'tokenServer.unreachable' });
  });

  it('is let go of when nobody waits any more', async () => {
    const abort = new AbortController();
    const { read, server } = await ask(() => {}, { signal: abort.signal });
    const reading = read();
    await server.until(() => server.requests.length === 1);
    abort.abort(new Error('gone'));
    await expect(reading).rejects.toThrow('gone');
    await server.until(() => server.sockets.size === 0);
  });
});
