// The protocol itself, and the service as the command that suites from outside start.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { send, withContract } from './harness.ts';

const nowhere = { callbackUrl: 'http://127.0.0.1:9/' };

describe('the contract service', () => {
  it(
    'says what it is capable of',
    withContract(async ({ service }) => {
      const { status, body } = await send('GET', service.url);
      expect(status).toBe(200);
      expect(JSON.parse(body).capabilities).toEqual(
        expect.arrayContaining([
          'bom',
          'comments',
          'event-type-listeners',
          'headers',
          'last-event-id',
          'post',
          'read-timeout',
          'report',
          'restart',
          'server-directed-shutdown-request',
        ]),
      );
    }),
  );

  it(
    'creates a stream and names its place',
    withContract(async (contract) => {
      const streamUrl = `${contract.origin.url}/stream`;
      const { status, headers } = await contract.create({ ...nowhere, streamUrl });
      expect(status).toBe(201);
      expect(headers.location).toBe(`${contract.service.url}/streams/1`);
      const exchange = await contract.origin.next();
      expect((await send('DELETE', headers.location ?? '')).status).toBe(204);
      await exchange.closed;
      expect((await send('DELETE', headers.location ?? '')).status).toBe(404);
    }),
  );

  it(
    'takes null for a property that is not set',
    withContract(async (contract) => {
      const [client, exchange] = await contract.open({ initialDelayMs: null, readTimeoutMs: null });
      await exchange.send('data: a\n\n');
      expect(await client.event()).toEqual({ type: 'message', data: 'a', id: '' });
    }),
  );

  it.each([
    ['something that is not JSON', '{', 'The body is not JSON.'],
    ['no object', '[]', 'streamUrl'],
    ['nothing at all', 'null', 'Expected Object'],
    ['no URL of a stream', { ...nowhere }, 'streamUrl'],
    ['an empty URL', { ...nowhere, streamUrl: '' }, 'streamUrl'],
    ['a bogus URL', { ...nowhere, streamUrl: 'http://this is invalid/' }, 'is not a URL'],
    ['a URL of another scheme', { ...nowhere, streamUrl: 'ftp://x/' }, 'must be http or https'],
    ['no callback URL', { streamUrl: 'http://x/' }, 'callbackUrl'],
    ['a bogus callback URL', { streamUrl: 'http://x/', callbackUrl: 'x' }, 'callbackUrl'],
    ['a delay in words', { ...nowhere, streamUrl: 'http://x/', initialDelayMs: 'soon' }, 'initialDelayMs'],
    ['a delay before now', { ...nowhere, streamUrl: 'http://x/', initialDelayMs: -1 }, 'initialDelayMs'],
    ['a bogus method', { ...nowhere, streamUrl: 'http://x/', method: 'GET IT' }, 'method'],
    ['a bogus header', { ...nowhere, streamUrl: 'http://x/', headers: { 'a b': 'c' } }, 'headers'],
    ['a header of two lines', { ...nowhere, streamUrl: 'http://x/', headers: { a: 'b\nc' } }, 'headers'],
    ['a policy that gives up', { ...nowhere, streamUrl: 'http://x/', policy: 'off' }, 'policy'],
  ])('refuses %s with a sentence', (_, body, words) =>
    withContract(async (contract) => {
      const reply = await contract.create(body);
      expect(reply.status).toBe(400);
      expect(reply.body).toContain(words);
      expect(reply.body).toMatch(/\.$/);
      expect(contract.origin.requests).toBe(0);
    })(),
  );

  it(
    'takes the commands of the protocol and no other',
    withContract(async (contract) => {
      const [client] = await contract.open();
      expect((await client.command({ command: 'listen', listen: { type: 'x' } })).status).toBe(202);
      expect((await client.command({ command: 'fly' })).status).toBe(400);
      expect((await client.command('restart')).status).toBe(400);
      expect((await client.command(null)).status).toBe(400);
      const elsewhere = await send('POST', `${contract.service.url}/streams/99`, '{"command":"restart"}');
      expect(elsewhere.status).toBe(404);
      expect((await send('PUT', contract.service.url)).status).toBe(405);
      expect((await send('PUT', `${contract.service.url}/streams/1`)).status).toBe(405);
    }),
  );

  it(
    'reports in order, numbered from 1, and reports no state unasked',
    withContract(async (contract) => {
      // The receiver of the harness insists on the order of the numbers.
      const [client, exchange] = await contract.open();
      await exchange.send('data: a\n\n: b\n\ndata: c\n\n');
      const messages = [await client.next(), await client.next(), await client.next()];
      expect(messages).toEqual([
        { kind: 'event', event: { type: 'message', data: 'a', id: '' } },
        { kind: 'comment', comment: 'b' },
        { kind: 'event', event: { type: 'message', data: 'c', id: '' } },
      ]);
    }),
  );

  it(
    'says nothing more once a stream is deleted',
    withContract(async (contract) => {
      const [client, exchange] = await contract.open();
      const [other, beside] = await contract.open();
      await client.close();
      await exchange.closed;
      // What is reported of another stream shows that a report of this one would be here by now.
      await beside.send('data: a\n\n');
      await other.event();
      expect(client.unread).toBe(0);
      expect(contract.origin.requests).toBe(2);
    }),
  );

  it(
    'reports every state where it is asked to',
    withContract(async (contract) => {
      const client = await contract.connect({ states: true, initialDelayMs: 600 });
      const connecting = { kind: 'state', state: 'connecting', cause: '', delayMs: 0 };
      expect(await client.next()).toEqual(connecting);
      const first = (await contract.origin.next()).open();
      expect(await client.next()).toEqual({ ...connecting, state: 'open' });
      first.cut();
      expect(await client.error()).toContain('cut off');
      expect(await client.next()).toEqual({
        ...connecting,
        state: 'waiting',
        cause: 'back-off',
        delayMs: 600,
      });
      expect(await client.next()).toEqual(connecting);
      (await contract.origin.next()).reply(403);
      const closed = 'The server answered 403 Forbidden';
      expect(await client.error()).toBe(closed);
      expect(await client.next()).toEqual({ ...connecting, state: 'closed', cause: closed });
    }),
  );

  it('is a command: PORT says where, DELETE / ends it and whatever it had open', async () => {
    const child = spawn(process.execPath, [new URL('service.ts', import.meta.url).pathname], {
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    const [line]: string[] = await once(createInterface(child.stdout), 'line');
    const url = /http:\S+$/.exec(line ?? '')?.[0] ?? '';
    expect((await send('GET', url)).status).toBe(200);
    // Nothing listens there: it is waiting for its next attempt when it is told to end.
    await send('POST', url, JSON.stringify({ ...nowhere, streamUrl: 'http://127.0.0.1:9/' }));
    expect((await send('DELETE', url)).status).toBe(204);
    expect(await ended).toEqual([0, null]);
  });
});
