// Redirects: followed within the origin, never with a credential to another one.
import { describe, expect, it } from 'vitest';
import { type StreamOptions, withContract } from './harness.ts';

const statuses = [301, 302, 303, 307, 308];
const credentials = {
  authorization: 'Bearer hunter22',
  cookie: 'session=hunter22',
  'x-api-key': 'hunter22',
  'x-tenant': 'hunter22',
};

describe.concurrent.each(['resilient', 'browser'] as const)('%s: within the origin', (policy) => {
  it.each(statuses)('%i is followed with all header fields, and is no error', (status) =>
    withContract(async (contract) => {
      const client = await contract.connect({ policy, headers: credentials, lastEventId: '7' });
      (await contract.origin.next()).reply(status, { Location: `${contract.origin.url}/second?a=b` });
      const second = (await contract.origin.next()).open();
      expect(second).toMatchObject({ method: 'GET', path: '/second?a=b' });
      expect(second.headers).toMatchObject({
        ...credentials,
        'last-event-id': '7',
        accept: 'text/event-stream',
        'cache-control': 'no-cache',
      });
      await second.send('data: hello\n\n');
      expect((await client.event()).data).toBe('hello');
      expect(contract.origin.requests).toBe(2);
    })(),
  );

  it.each([
    ['/second', '/second'],
    ['second?a=b', '/path/second?a=b'],
    ['../second#here', '/second'],
    ['?a=b', '/path/stream?a=b'],
    // The bytes of UTF-8, as servers send them.
    [Buffer.from('/straße').toString('latin1'), '/stra%C3%9Fe'],
  ])('a relative Location is: %j', (location, path) =>
    withContract(async (contract) => {
      await contract.connect({ policy, streamUrl: `${contract.origin.url}/path/stream?old` });
      (await contract.origin.next()).reply(302, { Location: location });
      expect((await contract.origin.next()).path).toBe(path);
    })(),
  );

  it.each([
    ['POST', 301, 'GET'],
    ['POST', 302, 'GET'],
    ['POST', 303, 'GET'],
    ['POST', 307, 'POST'],
    ['POST', 308, 'POST'],
    ['REPORT', 301, 'REPORT'],
    ['REPORT', 302, 'REPORT'],
    ['REPORT', 303, 'GET'],
    ['REPORT', 307, 'REPORT'],
    ['REPORT', 308, 'REPORT'],
  ])('a %s that is answered %i goes on as %s', (method, status, after) =>
    withContract(async (contract) => {
      const body = '{"hello": "world"}';
      await contract.connect({ policy, method, body, headers: { 'content-type': 'application/json' } });
      (await contract.origin.next()).reply(status, { Location: '/second' });
      const second = await contract.origin.next();
      const keeps = after === method;
      expect(second).toMatchObject({ method: after, body: keeps ? body : '' });
      expect(second.headers['content-type']).toBe(keeps ? 'application/json' : undefined);
    })(),
  );

  it(
    'a cookie that the redirect sets is sent to where it leads',
    withContract(async (contract) => {
      await contract.connect({ policy });
      (await contract.origin.next()).reply(302, { Location: '/second', 'Set-Cookie': 'a=b' });
      expect((await contract.origin.next()).headers.cookie).toBe('a=b');
    }),
  );

  it(
    'a reconnect begins where the connection did, with the last event id',
    withContract(async (contract) => {
      const client = await contract.connect({ policy, initialDelayMs: 0 });
      (await contract.origin.next()).reply(307, { Location: '/second' });
      (await contract.origin.next()).open().end('retry: 500\nid: 7\ndata: a\n\n');
      expect((await client.event()).id).toBe('7');
      await client.error();
      const third = await contract.origin.next();
      expect(third).toMatchObject({ path: '/stream' });
      expect(third.headers['last-event-id']).toBe('7');
    }),
  );
});

/** Redirects that lead nowhere: what is refused, whatever the status. */
function refused(location: string | undefined): () => Promise<void> {
  return withContract(async (contract) => {
    for (const status of statuses) {
      const client = await contract.connect({ states: true, initialDelayMs: 0 });
      await client.state();
      const headers = location === undefined ? undefined : { Location: location };
      (await contract.origin.next()).reply(status, headers);
      expect(await client.error()).toContain(String(status));
      expect((await client.state()).state).toBe('closed');
    }
    expect(contract.origin.requests).toBe(statuses.length);
  });
}

describe.concurrent('resilient: a redirect', () => {
  it('without a Location is an error, and no loop', refused(undefined));
  it('with an empty Location is an error, and no loop', refused(''));
  it('to something that is no URL is an error', refused('http://a b/'));
  it('to something that is not HTTP is an error', refused('ftp://127.0.0.1/'));
  it('to a user name and a password is an error', refused('http://user:hunter22@127.0.0.1:9/'));

  it(
    'is followed five times, and no more',
    withContract(async (contract) => {
      const client = await contract.connect({ states: true, initialDelayMs: 0 });
      await client.state();
      for (let i = 0; i < 6; i++) (await contract.origin.next()).reply(302, { Location: `/${i}` });
      expect(await client.error()).toContain('too many');
      expect((await client.state()).state).toBe('closed');
      expect(contract.origin.requests).toBe(6);
    }),
  );

  it.each(statuses)('of %i to another origin is not followed: that origin sees nothing', (status) =>
    withContract(async (contract) => {
      const other = await contract.addOrigin();
      const client = await contract.connect({ states: true, headers: credentials });
      await client.state();
      (await contract.origin.next()).reply(status, { Location: `${other.url}/second` });
      expect(await client.error()).toContain(other.url);
      expect((await client.state()).state).toBe('closed');
      expect({ first: contract.origin.requests, other: other.requests }).toEqual({ first: 1, other: 0 });
    })(),
  );
});

const browser: StreamOptions = { policy: 'browser' };

describe.concurrent('browser: a redirect', () => {
  it.each(statuses)('of %i to another origin is followed, without any credential', (status) =>
    withContract(async (contract) => {
      const other = await contract.addOrigin();
      const streamUrl = `${contract.origin.url}/stream?token=hunter22`;
      const client = await contract.connect({ ...browser, streamUrl, headers: credentials });
      // The server hands the token on, as many do.
      (await contract.origin.next()).reply(status, {
        Location: `${other.url}/second?a=b&token=hunter22`,
        'Set-Cookie': 'jar=hunter22',
      });
      const second = (await other.next()).open();
      expect(second.path).toBe('/second?a=b');
      expect(JSON.stringify(second.headers)).not.toContain('hunter22');
      expect(second.headers.accept).toBe('text/event-stream');
      await second.send('data: hello\n\n');
      expect((await client.event()).data).toBe('hello');
    })(),
  );

  it(
    'back to the own origin by way of another one stays without credentials',
    withContract(async (contract) => {
      const other = await contract.addOrigin();
      await contract.connect({ ...browser, headers: credentials });
      (await contract.origin.next()).reply(302, { Location: other.url });
      (await other.next()).reply(302, { Location: `${contract.origin.url}/third` });
      const third = await contract.origin.next();
      expect(third.path).toBe('/third');
      expect(JSON.stringify(third.headers)).not.toContain('hunter22');
    }),
  );

  it(
    'without a Location is a failure',
    withContract(async (contract) => {
      const client = await contract.connect({ ...browser, states: true });
      await client.state();
      (await contract.origin.next()).reply(302);
      await client.error();
      expect((await client.state()).state).toBe('closed');
    }),
  );

  it.each(['http://a b/', 'ftp://127.0.0.1/'])('to %s is a network error, so it is tried again', (location) =>
    withContract(async (contract) => {
      const client = await contract.connect({ ...browser, states: true });
      await client.state();
      (await contract.origin.next()).reply(302, { Location: location });
      await client.error();
      expect(await client.state()).toMatchObject({ state: 'waiting', delayMs: 3_000 });
    })(),
  );

  it.each([
    ['to the same place', '/stream'],
    // Resolved against the URL it came from, an empty one is that URL.
    ['with an empty Location', ''],
  ])('%s is followed twenty times, then it is a network error', (_, location) =>
    withContract(async (contract) => {
      const client = await contract.connect({ ...browser, states: true });
      await client.state();
      for (let i = 0; i <= 20; i++) (await contract.origin.next()).reply(301, { Location: location });
      await client.error();
      expect(await client.state()).toMatchObject({ state: 'waiting', delayMs: 3_000 });
      expect(contract.origin.requests).toBe(21);
    })(),
  );
});
