import { afterEach, describe, expect, it } from 'vitest';
import { decodeToken } from '../../../src/jwt/decode.ts';
import { type JwtBackend, type JwtBackendOptions, startJwtBackend } from '../../support/peers/jwtBackend.ts';

const cleanup: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

async function start(options?: JwtBackendOptions): Promise<JwtBackend> {
  const backend = await startJwtBackend(options);
  cleanup.push(() => backend.dispose());
  return backend;
}

/** Opens the stream; `until` reads on to the event with this id and gives back the ids read since the last call. */
async function open(
  url: string,
  headers: Record<string, string>,
): Promise<{ until(id: number): Promise<number[]>; ended: () => Promise<boolean> }> {
  const abort = new AbortController();
  cleanup.push(async () => abort.abort());
  const response = await fetch(url, { headers, signal: abort.signal });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  return {
    async until(id) {
      while (!new RegExp(`^id:${id}$`, 'm').test(text)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`the stream ended before event ${id}`);
        text += decoder.decode(value, { stream: true });
      }
      const ids = [...text.matchAll(/^id:(\d+)$/gm)].map((match) => Number(match[1]));
      text = '';
      return ids;
    },
    async ended() {
      for (;;) {
        const result = await reader.read().catch(() => ({ done: true }));
        if (result.done) return true;
      }
    },
  };
}

describe('the JWT backend as a peer', () => {
  it('streams to a token of its issuer, which is a JWT signed with RS256', async () => {
    const backend = await start({ intervalMs: 0 });
    const token = await backend.token();
    const decoded = decodeToken(token);
    expect(decoded).toMatchObject({ kind: 'jwt', algorithm: 'RS256', signature: { bytes: 256 } });
    expect(decoded).toMatchObject({
      payload: { iss: backend.issuer, aud: backend.audience, sub: 'user123' },
    });
    const stream = await open(backend.url, { authorization: `Bearer ${token}` });
    for (let i = 0; i < 5; i++) backend.publish({ i });
    expect((await stream.until(5)).at(-1)).toBe(5);
  });

  it('refuses missing, expired, foreign and misdirected tokens and says which', async () => {
    const backend = await start({ intervalMs: 0 });
    const other = await start({ intervalMs: 0 });
    const refusal = async (headers: Record<string, string>): Promise<string> => {
      const response = await fetch(backend.url, { headers });
      await response.text();
      expect(response.status).toBe(401);
      return response.headers.get('www-authenticate') ?? '';
    };
    expect(await refusal({})).toBe('Bearer realm="orders"');
    expect(await refusal({ authorization: `Bearer ${await backend.token(-3)}` })).toContain(
      'ERR_JWT_EXPIRED',
    );
    expect(await refusal({ authorization: `Bearer ${await other.token()}` })).toContain(
      'ERR_JWKS_NO_MATCHING_KEY',
    );
    const misdirected = await backend.token(60, { aud: 'prices' });
    expect(await refusal({ authorization: `Bearer ${misdirected}` })).toContain(
      'ERR_JWT_CLAIM_VALIDATION_FAILED',
    );
  });

  it('is killed with its sockets and comes back on the same port, ids going on, what was missed included', async () => {
    const backend = await start({ intervalMs: 0 });
    const authorization = `Bearer ${await backend.token()}`;
    const first = await open(backend.url, { authorization });
    // A client that is new gets what comes from now on.
    const sent = [backend.publish({ n: 1 }), backend.publish({ n: 2 })];
    expect(await first.until(2)).toEqual(sent);

    await Promise.all([backend.kill(), first.ended()]);
    await expect(fetch(backend.url)).rejects.toThrow();
    backend.publish({ n: 3 });
    await backend.restart();
    const second = await open(backend.url, { authorization, 'last-event-id': '1' });
    backend.publish({ n: 4 });
    expect(await second.until(4)).toEqual([2, 3, 4]);
  });
});
