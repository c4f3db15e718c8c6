// A read timeout: silence for that long is a cut; without one silence never is.
import { describe, expect, it } from 'vitest';
import { withContract } from './harness.ts';

describe.concurrent('a read timeout', () => {
  it(
    'takes silence for a cut: an error, and a new connection that resumes',
    withContract(async (contract) => {
      const [client, first] = await contract.open({ readTimeoutMs: 500, initialDelayMs: 0 });
      await first.send('id: 7\ndata: Hello\n\n');
      expect((await client.event()).data).toBe('Hello');
      expect(await client.error()).not.toBe('');
      await first.closed;
      const second = (await contract.origin.next()).open();
      expect(second.headers['last-event-id']).toBe('7');
      await second.send('data: again\n\n');
      expect((await client.event()).data).toBe('again');
    }),
  );

  it(
    'holds before the first event, too',
    withContract(async (contract) => {
      const [client, first] = await contract.open({ readTimeoutMs: 300, initialDelayMs: 0 });
      expect(await client.error()).not.toBe('');
      await first.closed;
      await contract.origin.next();
    }),
  );

  it.each([
    ['a comment', ':\n'],
    ['part of a line', 'dat'],
  ])('begins anew with any bytes: %s', (_, bytes) =>
    withContract(async (contract) => {
      const [client, exchange] = await contract.open({ readTimeoutMs: 1_500, initialDelayMs: 60_000 });
      let last = performance.now();
      // Longer than the timeout in all, with no silence as long as it.
      for (let i = 0; i < 4; i++) {
        await new Promise((resolve) => setTimeout(resolve, 500));
        last = performance.now();
        await exchange.send(bytes);
      }
      await exchange.closed;
      expect(performance.now() - last).toBeGreaterThan(1_490);
      let message = await client.next();
      while (message.kind === 'comment') message = await client.next();
      expect(message.kind).toBe('error');
    })(),
  );

  it(
    'says how long it waits before it comes back, and that it is a back-off',
    withContract(async (contract) => {
      const [client] = await contract.open({ readTimeoutMs: 200, initialDelayMs: 1_234, states: true });
      expect((await client.state()).state).toBe('connecting');
      expect((await client.state()).state).toBe('open');
      await client.error();
      expect(await client.state()).toMatchObject({ state: 'waiting', cause: 'back-off', delayMs: 1_234 });
    }),
  );

  it(
    'is none where it is zero, nor for a browser',
    withContract(async (contract) => {
      const [none, first] = await contract.open({ readTimeoutMs: 0 });
      const [browser, second] = await contract.open({ readTimeoutMs: 200, policy: 'browser' });
      const [cut] = await contract.open({ readTimeoutMs: 400, initialDelayMs: 60_000 });
      // By the time that this one is cut, the one before would have been for long.
      await cut.error();
      await first.send('data: a\n\n');
      await second.send('data: a\n\n');
      expect((await none.event()).data).toBe('a');
      expect((await browser.event()).data).toBe('a');
    }),
  );
});
