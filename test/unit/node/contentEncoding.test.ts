import type { ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { bodyDecoder } from '../../../src/node/contentEncoding.ts';
import { exchange } from '../../support/exchange.ts';
import { HttpServer } from '../../support/httpServer.ts';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A server that insists on an encoding. */
async function serve(encoding: string | string[], answer: (response: ServerResponse) => void) {
  const server = await HttpServer.start((_, response) => {
    response.setHeader('Content-Encoding', encoding);
    response.flushHeaders();
    answer(response);
  });
  cleanups.push(() => server.close());
  return server;
}

const encoders = {
  gzip: () => zlib.createGzip(),
  'x-gzip': () => zlib.createGzip(),
  deflate: () => zlib.createDeflate(),
  'deflate (raw)': () => zlib.createDeflateRaw(),
  br: () => zlib.createBrotliCompress(),
};
const codings = Object.keys(encoders) as (keyof typeof encoders)[];
const nameOf = (coding: string) => coding.replace(' (raw)', '').toUpperCase();

/** The bytes of a complete body in one coding. */
async function encoded(coding: keyof typeof encoders, text: string | Buffer): Promise<Buffer> {
  const encoder = encoders[coding]();
  encoder.end(text);
  return Buffer.concat(await encoder.toArray());
}

describe('a body that is compressed all the same', () => {
  it.each(codings)(
    '%s: each flush of the server comes out at once, and the end is the end',
    async (coding) => {
      const encoder = encoders[coding]();
      const { url } = await serve(nameOf(coding), (response) => void encoder.pipe(response));
      const flush = promisify((done: () => void) => encoder.flush(done));
      const { came, ended } = exchange(cleanups, { url });
      let all = '';
      for (const part of ['data: 1\n\n', ': \n\n', `data: ${'x'.repeat(200_000)}\n\n`]) {
        all += part;
        encoder.write(part);
        await flush();
        await came(all);
      }
      encoder.end('data: last');
      expect(await ended).toEqual({ kind: 'end' });
      await came(`${all}data: last`);
    },
  );

  it('undoes several codings from the last one to the first', async () => {
    const body = await encoded('br', await encoded('deflate', await encoded('gzip', 'data: deep\n\n')));
    const { url } = await serve(['gzip, identity, deflate', 'br'], (response) => void response.end(body));
    const { ended, text } = exchange(cleanups, { url });
    expect(await ended).toEqual({ kind: 'end' });
    expect(text()).toBe('data: deep\n\n');
  });

  it.each([
    ['zstd', 'The encoding "zstd" is not known here'],
    ['gzip, zstd', 'The encoding "zstd" is not known here'],
    ['gzip, gzip, gzip, gzip', 'The body is encoded 4 times; at most 3 are undone'],
  ])('says of %s that it cannot be undone, and shows the head', async (encoding, message) => {
    const server = await serve(encoding, (response) => void response.write('bytes'));
    const { ended, heads, chunks } = exchange(cleanups, { url: server.url });
    expect(await ended).toEqual({ kind: 'error', error: 'encoding', code: 'UNKNOWN_ENCODING', message });
    expect([heads.length, chunks.length]).toEqual([1, 0]);
    await server.until(() => server.sockets.size === 0);
  });

  it.each(codings)(
    '%s: what is corrupt or ends too early is an error, after all that could be read',
    async (coding) => {
      const encoder = encoders[coding]();
      const parts: Buffer[] = [];
      encoder.on('data', (bytes: Buffer) => parts.push(bytes));
      encoder.write('data: first\n\n');
      await promisify((done: () => void) => encoder.flush(done))();
      encoder.destroy();
      const start = Buffer.concat(parts);
      const short = await serve(nameOf(coding), (response) => void response.end(start));
      const cut = exchange(cleanups, { url: short.url });
      expect(await cut.ended).toMatchObject({ kind: 'error', error: 'encoding' });
      expect(cut.text()).toBe('data: first\n\n');
      const garbage = Buffer.alloc(100, 0xff);
      const wrong = await serve(nameOf(coding), (response) => void response.write(garbage));
      expect(await exchange(cleanups, { url: wrong.url }).ended).toMatchObject({ error: 'encoding' });
    },
  );

  it('calls a compressed body that the connection cut off cut off, after all that could be read', async () => {
    const encoder = zlib.createGzip();
    const { promise: answered, resolve } = Promise.withResolvers<ServerResponse>();
    const { url } = await serve('gzip', (response) => {
      encoder.pipe(response);
      resolve(response);
    });
    const { came, ended } = exchange(cleanups, { url });
    encoder.write('data: first\n\n');
    await promisify((done: () => void) => encoder.flush(done))();
    await came('data: first\n\n');
    (await answered).destroy();
    expect(await ended).toMatchObject({ error: 'truncated' });
    encoder.destroy();
  });

  it.each(codings)('%s: an empty body is an empty body', async (coding) => {
    const { url } = await serve(nameOf(coding), (response) => void response.end());
    expect(await exchange(cleanups, { url }).ended).toEqual({ kind: 'end' });
  });

  it.each(codings)(
    '%s: what follows the compressed data is ignored, and the body still ends it',
    async (coding) => {
      const body = await encoded(coding, 'data: all\n\n');
      const { promise: answered, resolve } = Promise.withResolvers<ServerResponse>();
      const { url } = await serve(nameOf(coding), (response) => {
        response.write(body);
        resolve(response);
      });
      const { came, ended, ends, text } = exchange(cleanups, { url });
      await came('data: all\n\n');
      expect(ends).toEqual([]);
      (await answered).end(Buffer.alloc(1_000_000));
      expect(await ended).toEqual({ kind: 'end' });
      expect(text()).toBe('data: all\n\n');
    },
  );

  it('takes several gzip members as one body', async () => {
    const body = Buffer.concat([await encoded('gzip', 'data: a\n\n'), await encoded('gzip', 'data: b\n\n')]);
    const { url } = await serve('gzip', (response) => void response.end(body));
    const { ended, text } = exchange(cleanups, { url });
    expect(await ended).toEqual({ kind: 'end' });
    expect(text()).toBe('data: a\n\ndata: b\n\n');
  });

  it('comes out the same however it was written, encoded and cut into pieces', async () => {
    const parts = fc.array(fc.tuple(fc.string({ maxLength: 5_000 }), fc.boolean()), { maxLength: 8 });
    const sizes = fc.infiniteStream(fc.integer({ min: 1, max: 700 }));
    const stacked = fc.array(fc.constantFrom(...codings), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(parts, stacked, sizes, async (written, stack, pieces) => {
        const [first = 'gzip', ...others] = stack;
        const encoder = encoders[first]();
        for (const [text, flushed] of written) {
          encoder.write(text);
          if (flushed) encoder.flush();
        }
        encoder.end();
        let body: Buffer = Buffer.concat(await encoder.toArray());
        for (const coding of others) body = await encoded(coding, body);
        const output: Uint8Array[] = [];
        await new Promise<void>((resolve, reject) => {
          const decoder = bodyDecoder(stack.map(nameOf).join(', '), {
            chunk: (bytes) => output.push(bytes),
            end: resolve,
            error: (code) => reject(new Error(code)),
            drained: () => {},
          });
          for (let at = 0; at < body.length; ) {
            const { value: size } = pieces.next();
            decoder?.write(body.subarray(at, at + size));
            at += size;
          }
          decoder?.end();
        });
        expect(Buffer.concat(output).toString()).toBe(
          Buffer.from(written.map(([text]) => text).join('')).toString(),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('hands out a decompression bomb in small pieces and stops it when it is disposed', async () => {
    // 64 MiB of zeros, twice compressed: some hundred bytes.
    const once = await encoded('gzip', Buffer.alloc(64 * 1024 * 1024));
    const server = await serve(
      'gzip, gzip',
      (response) => void zlib.gzip(once, (_, body) => response.end(body)),
    );
    const { ended, chunks } = exchange(cleanups, { url: server.url });
    const push = chunks.push.bind(chunks);
    let total = 0;
    let largest = 0;
    chunks.push = (bytes) => {
      total += bytes.length;
      largest = Math.max(largest, bytes.length);
      return push(new Uint8Array());
    };
    expect(await ended).toEqual({ kind: 'end' });
    expect([total, largest]).toEqual([64 * 1024 * 1024, 64 * 1024]);
    const stopped = exchange(cleanups, { url: server.url });
    await stopped.headCame;
    stopped.abort();
    await server.until(() => server.sockets.size === 0);
    expect(stopped.ends).toEqual([]);
  });
});
