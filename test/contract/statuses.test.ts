// What each answer leads to, under both policies.
import { describe, expect, it } from 'vitest';
import { type Client, type Contract, type StreamOptions, withContract } from './harness.ts';

const eventStream = { 'Content-Type': 'text/event-stream' };

interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

async function answered(
  contract: Contract,
  { status, headers, body }: Reply,
  options: StreamOptions,
): Promise<Client> {
  const client = await contract.connect({ states: true, initialDelayMs: 0, ...options });
  expect((await client.state()).state).toBe('connecting');
  (await contract.origin.next()).reply(status, headers, body);
  return client;
}

/** A test that is answered this, and is closed for good. Its error is looked at. */
function closes(reply: Reply, policy: 'resilient' | 'browser', error: string | RegExp): () => Promise<void> {
  return withContract(async (contract) => {
    const client = await answered(contract, reply, { policy });
    expect(await client.error()).toMatch(error);
    expect(await client.state()).toMatchObject({ state: 'closed', delayMs: 0 });
    // Another stream reconnects as fast as any can: this one would have by now.
    const other = await contract.connect({ streamUrl: `${contract.origin.url}/other`, initialDelayMs: 0 });
    (await contract.origin.next()).open().end();
    await other.error();
    expect((await contract.origin.next()).path).toBe('/other');
    expect(client.unread).toBe(0);
  });
}

/** A test that is answered this, waits, and comes back. */
function comesBack(reply: Reply, cause: string, [from, to]: [number, number]): () => Promise<void> {
  return withContract(async (contract) => {
    const client = await answered(contract, reply, {});
    expect(await client.error()).toContain(String(reply.status));
    const waiting = await client.state();
    expect(waiting).toMatchObject({ state: 'waiting', cause });
    expect(waiting.delayMs).toBeGreaterThanOrEqual(from);
    expect(waiting.delayMs).toBeLessThanOrEqual(to);
    expect((await client.state()).state).toBe('connecting');
    const exchange = (await contract.origin.next()).open();
    expect((await client.state()).state).toBe('open');
    await exchange.send('data: a\n\n');
    expect((await client.event()).data).toBe('a');
  });
}

describe.concurrent('resilient', () => {
  it('is told to stop by 204', closes({ status: 204 }, 'resilient', /204/));

  it.each([201, 205, 206, 299, 304, 400, 402, 403, 404, 405, 409, 410, 418, 422, 501, 505, 511])(
    'closes on %i',
    (status) => closes({ status, headers: eventStream }, 'resilient', String(status))(),
  );

  it('closes on 401, where no other token can be had', closes({ status: 401 }, 'resilient', /401/));

  it.each([408, 425, 429, 500, 502, 503, 504])('waits and comes back after %i', (status) =>
    comesBack({ status, headers: eventStream, body: 'data: no\n\n' }, 'back-off', [500, 500])(),
  );

  it.each([429, 503])('waits as long as Retry-After says after %i', (status) =>
    comesBack({ status, headers: { 'Retry-After': '1' } }, 'Retry-After: 1', [1_000, 1_000])(),
  );

  it(
    'waits until the date that Retry-After names',
    withContract(async (contract) => {
      const date = new Date(Date.now() + 600_000).toUTCString();
      const client = await answered(contract, { status: 503, headers: { 'Retry-After': date } }, {});
      await client.error();
      const { state, cause, delayMs } = await client.state();
      expect({ state, cause }).toEqual({ state: 'waiting', cause: `Retry-After: ${date}` });
      expect(delayMs).toBeGreaterThan(580_000);
      expect(delayMs).toBeLessThanOrEqual(600_000);
    }),
  );

  it(
    'does not wait for longer than an hour',
    closes({ status: 503, headers: { 'Retry-After': '3601' } }, 'resilient', /Retry-After: 3601/),
  );

  it(
    'comes back at once when it is told to restart in the middle of a wait',
    withContract(async (contract) => {
      const client = await answered(contract, { status: 503, headers: { 'Retry-After': '3000' } }, {});
      await client.error();
      expect((await client.state()).delayMs).toBeGreaterThanOrEqual(3_000_000);
      await client.command({ command: 'restart' });
      (await contract.origin.next()).open();
      expect((await client.state()).state).toBe('connecting');
      expect((await client.state()).state).toBe('open');
    }),
  );

  it('comes back where it was closed, when it is told to restart', () =>
    withContract(async (contract) => {
      const client = await answered(contract, { status: 404 }, {});
      await client.error();
      expect((await client.state()).state).toBe('closed');
      await client.command({ command: 'restart' });
      await (await contract.origin.next()).open().send('data: a\n\n');
      expect((await client.state()).state).toBe('connecting');
      expect((await client.state()).state).toBe('open');
      expect((await client.event()).data).toBe('a');
    })());
});

describe.concurrent('browser', () => {
  it.each([201, 204, 205, 210, 299, 400, 401, 403, 404, 408, 410, 425, 429, 500, 502, 503, 504])(
    'fails on %i',
    (status) =>
      closes({ status, headers: { ...eventStream, 'Retry-After': '1' } }, 'browser', String(status))(),
  );
});

describe.concurrent.each(['resilient', 'browser'] as const)('%s: a content type', (policy) => {
  it.each([
    'text/event-stream',
    'text/event-stream;charset=utf-8',
    'text/event-stream; charset=UTF-8',
    'text/event-stream;',
    'text/event-stream;charset=windows-1252',
    'TEXT/Event-Stream',
    'text/event-stream ; a=b',
  ])('%j is one, and its text is UTF-8', (contentType) =>
    withContract(async (contract) => {
      const [client, exchange] = await contract.open({ policy }, contentType);
      await exchange.send('data: ok…\n\n');
      expect((await client.event()).data).toBe('ok…');
    })(),
  );

  it.each(['text/html', 'application/json', 'text/x-bogus', 'x bogus', 'text/event-streams', 'text/plain'])(
    '%j is none',
    (type) => closes({ status: 200, headers: { 'Content-Type': type }, body: 'data: a\n\n' }, policy, /./)(),
  );

  it('that is missing is none', closes({ status: 200, body: 'data: a\n\n' }, policy, /./));
});
