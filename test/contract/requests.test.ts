// What is sent: method, header fields, body.
import { describe, expect, it } from 'vitest';
import { withContract } from './harness.ts';

describe('a request', () => {
  it(
    'is a GET for an event stream, past all caches',
    withContract(async (contract) => {
      await contract.connect();
      const { method, path, headers, body } = await contract.origin.next();
      expect({ method, path, body }).toEqual({ method: 'GET', path: '/stream', body: '' });
      expect(headers).toMatchObject({
        accept: 'text/event-stream',
        'cache-control': 'no-cache',
        'accept-encoding': 'identity',
      });
      expect(headers).not.toHaveProperty('last-event-id');
      expect(headers).not.toHaveProperty('content-type');
    }),
  );

  it(
    'carries header fields of any name',
    withContract(async (contract) => {
      const headers = { 'header-name-1': 'value-1', 'header-name-2': 'value-2' };
      await contract.connect({ headers });
      expect((await contract.origin.next()).headers).toMatchObject(headers);
    }),
  );

  it(
    'carries given header fields instead of its own',
    withContract(async (contract) => {
      const headers = { accept: 'text/event-stream, text/plain', 'cache-control': 'no-store' };
      await contract.connect({ headers });
      expect((await contract.origin.next()).headers).toMatchObject(headers);
    }),
  );

  it.each(['POST', 'REPORT', 'PUT'])('is a %s with its body', (method) =>
    withContract(async (contract) => {
      const body = '{"hello": "wörld"}';
      const type = 'application/json; charset=utf-8';
      const [client, exchange] = await contract.open({ method, body, headers: { 'content-type': type } });
      expect(exchange).toMatchObject({ method, body });
      expect(exchange.headers['content-type']).toBe(type);
      await exchange.send('data: a\n\n');
      expect((await client.event()).data).toBe('a');
    })(),
  );

  it(
    'calls a body text where nothing else is said',
    withContract(async (contract) => {
      await contract.connect({ method: 'POST', body: 'a' });
      expect((await contract.origin.next()).headers['content-type']).toBe('text/plain;charset=utf-8');
    }),
  );

  it.each([
    ['abc', 'abc'],
    ['a b\tc', 'a b\tc'],
    // The bytes of UTF-8; Node reads each byte as a character.
    ['…é🎉', Buffer.from('…é🎉').toString('latin1')],
  ])('carries the last event id %j that it was given', (lastEventId, sent) =>
    withContract(async (contract) => {
      const [client, exchange] = await contract.open({ lastEventId });
      expect(exchange.headers['last-event-id']).toBe(sent);
      // As if an event before had brought it.
      await exchange.send('data: a\n\n');
      expect((await client.event()).id).toBe(lastEventId);
    })(),
  );

  it(
    'keeps the query and drops the fragment of its URL',
    withContract(async (contract) => {
      await contract.connect({ streamUrl: `${contract.origin.url}/a/b?c=d%20e&f#g` });
      expect((await contract.origin.next()).path).toBe('/a/b?c=d%20e&f');
    }),
  );

  it(
    'carries the cookies that the origin set, and the configured one where both have a name',
    withContract(async (contract) => {
      const headers = { cookie: 'a=configured' };
      const client = await contract.connect({ headers, initialDelayMs: 0 });
      const first = await contract.origin.next();
      expect(first.headers.cookie).toBe('a=configured');
      first.reply(503, { 'Set-Cookie': 'a=jar' });
      await client.error();
      const second = await contract.origin.next();
      expect(second.headers.cookie).toBe('a=configured');
      second.reply(503, { 'Set-Cookie': 'b=jar; HttpOnly' });
      expect((await contract.origin.next()).headers.cookie).toMatch(/^a=configured; ?b=jar$/);
    }),
  );

  it(
    'carries no cookie of another connection',
    withContract(async (contract) => {
      const client = await contract.connect();
      (await contract.origin.next()).reply(503, { 'Set-Cookie': 'a=b' });
      await client.error();
      await contract.connect();
      expect((await contract.origin.next()).headers).not.toHaveProperty('cookie');
    }),
  );
});
