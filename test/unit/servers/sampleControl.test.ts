import { describe, expect, it } from 'vitest';
import type { SampleServer } from '../../../src/servers/sampleServer.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { bearer, ids, readUntil, upTo, useSampleServers } from '../../support/sampleServers.ts';

const start = useSampleServers();

async function statusOf(server: SampleServer, token = ''): Promise<number> {
  const abort = new AbortController();
  const headers = token === '' ? {} : bearer(token);
  const response = await fetch(`${server.url}/events/orders`, { headers, signal: abort.signal });
  abort.abort();
  return response.status;
}

describe('whoever runs the sample server', () => {
  it('takes the webhook down and up again, cached tokens being let in meanwhile', async () => {
    const server = await start({ clock: new FakeClock() });
    const [known, unknown] = [await server.mint({ sub: 'known' }), await server.mint({ sub: 'unknown' })];
    expect(await statusOf(server, known)).toBe(200);
    server.setWebhook('down');
    expect(await statusOf(server, unknown)).toBe(503);
    expect(await statusOf(server, known)).toBe(200);
    const topic = '0'.repeat(32);
    const body = JSON.stringify({ jwt: known, topic });
    expect((await fetch(`${server.url}/verify`, { method: 'POST', body })).status).toBe(503);
    server.setWebhook('up');
    expect(await statusOf(server, unknown)).toBe(200);
    expect(server.counts).toMatchObject({ unavailable: 1, cacheHits: 1, webhookCalls: 3 });
  });

  it('makes the webhook slow: late answers count, those after 10 s do not', async () => {
    const clock = new FakeClock();
    const server = await start({ clock });
    const token = await server.mint();
    const asked = async (count: number): Promise<void> => {
      while (server.counts.webhookCalls < count) await new Promise((resolve) => setImmediate(resolve));
    };
    server.setWebhook({ slowMs: 20_000 });
    const late = statusOf(server, token);
    await asked(1);
    clock.advance(10_000);
    expect(await late).toBe(503);
    server.setWebhook({ slowMs: 2000 });
    const slow = statusOf(server, token);
    await asked(2);
    clock.advance(2000);
    expect(await slow).toBe(200);
    server.setWebhook({ slowMs: 2000 });
    const never = statusOf(server, await server.mint({ sub: 'other' })).catch(() => 'cut');
    await asked(3);
    await server.dispose();
    expect(await never).toBe('cut');
    expect(clock.pending).toBe(0);
  });

  it('switches authentication off and on', async () => {
    const server = await start({ authentication: false });
    expect(await statusOf(server)).toBe(200);
    expect(await statusOf(server, 'nonsense')).toBe(200);
    expect((await (await fetch(`${server.url}/health`)).json()).authentication).toBe(false);
    server.setAuthentication(true);
    expect(await statusOf(server)).toBe(401);
    expect(server.counts).toMatchObject({ streams: 2, refused: 1, webhookCalls: 0 });
  });

  it('restarts: streams end, nobody is answered for a while, verified tokens are forgotten', async () => {
    const clock = new FakeClock();
    const server = await start({ clock });
    const token = await server.mint();
    server.publish('mine', [{ data: 'kept' }]);
    const response = await fetch(`${server.url}/events/orders`, { headers: bearer(token) });
    const ended = response.text().catch(() => 'cut');
    const back = server.restart(5000);
    expect(await ended).toBe('cut');
    await expect(statusOf(server, token)).rejects.toThrow('fetch failed');
    clock.advance(5000);
    await back;
    expect(await statusOf(server, token)).toBe(200);
    expect(server.counts).toMatchObject({ cacheHits: 0, webhookCalls: 2 });
    const url = `${server.url}/events/mine?token=${token}&lastEventId=0`;
    expect(await readUntil(url, {}, upTo(1))).toContain('data: kept');
  });

  it('restarts during a restart, or ends: nobody waits for ever, no timer is left', async () => {
    const clock = new FakeClock();
    const server = await start({ clock });
    const first = server.restart(1000);
    const second = server.restart(5000);
    await first;
    clock.advance(1000);
    await expect(statusOf(server)).rejects.toThrow('fetch failed');
    await server.dispose();
    await second;
    expect(clock.pending).toBe(0);
  });

  it('comes back at once where it is down for no time', async () => {
    const server = await start({ authentication: false });
    await server.restart();
    expect(await statusOf(server)).toBe(200);
  });

  it('has it ignore Last-Event-ID', async () => {
    const server = await start({ authentication: false });
    const headers = { 'last-event-id': '5' };
    const read = () => readUntil(`${server.url}/events/orders`, { headers }, (text) => ids(text).length > 0);
    server.ignoreLastEventId(true);
    expect(ids(await read())[0]).toBe(1);
    server.ignoreLastEventId(false);
    expect(ids(await read())[0]).toBe(6);
  });

  it('sets how long tokens live', async () => {
    const server = await start();
    const lifetime = async (): Promise<number> =>
      (await (await fetch(server.tokenUrl, { method: 'POST' })).json()).expiresIn;
    expect(await lifetime()).toBe(300);
    server.setTokenLifetime(5);
    expect(await lifetime()).toBe(5);
    const [, payload = ''] = (await server.mint()).split('.');
    const { iat, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString());
    expect(exp - iat).toBe(5);
  });

  it('tells its health', async () => {
    const clock = new FakeClock();
    const server = await start({ clock });
    const abort = new AbortController();
    const headers = bearer(await server.mint());
    await fetch(`${server.url}/events/orders`, { headers, signal: abort.signal });
    clock.advance(61_500);
    const health = async () => (await fetch(`${server.url}/health`)).json();
    expect(await health()).toEqual({
      uptimeSeconds: 61,
      streams: 1,
      authentication: true,
      topics: 4,
      tokenCache: { entries: 1, hits: 0, misses: 1 },
      circuitBreaker: { state: 'closed', failures: 0, retryAfterSeconds: 0 },
      webhookCalls: 1,
    });
    abort.abort();
    while ((await health()).streams > 0);
    const over = { ...headers, 'last-event-id': '10' };
    expect((await fetch(`${server.url}/events/finite`, { headers: over })).status).toBe(204);
    expect((await health()).streams).toBe(0);
    expect(server.counts.streams).toBe(1);
    expect(server.counts.requests).toBeGreaterThanOrEqual(3);
  });
});
