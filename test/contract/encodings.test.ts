// Content encodings: identity is asked for; what a server insists on is undone as it comes.

import * as zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { withContract } from './harness.ts';

const encoders = {
  gzip: () => zlib.createGzip(),
  'x-gzip': () => zlib.createGzip(),
  deflate: () => zlib.createDeflate(),
  br: () => zlib.createBrotliCompress(),
};

/** Compressed pieces of a stream, each flushed. */
async function encoded(
  encoder: ReturnType<(typeof encoders)['gzip' | 'br']>,
  parts: string[],
): Promise<Buffer[]> {
  const flushed: Buffer[] = [];
  let chunks: Buffer[] = [];
  encoder.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (const part of parts) {
    encoder.write(part);
    await new Promise<void>((resolve) => encoder.flush(resolve));
    flushed.push(Buffer.concat(chunks));
    chunks = [];
  }
  return flushed;
}

describe.each(Object.entries(encoders))('a stream in %s', (name, encoder) => {
  it(
    'has each event at once, when the server flushes it',
    withContract(async (contract) => {
      const client = await contract.connect();
      const exchange = await contract.origin.next();
      exchange.open('text/event-stream', { 'Content-Encoding': name });
      for (const [i, bytes] of (await encoded(encoder(), ['data: a\n\n', 'data: b\n\n: c\n'])).entries()) {
        await exchange.send(bytes);
        expect((await client.event()).data).toBe(i === 0 ? 'a' : 'b');
      }
      expect(await client.comment()).toBe('c');
    }),
  );

  it(
    'is read in chunks of one byte',
    withContract(async (contract) => {
      const client = await contract.connect();
      const exchange = await contract.origin.next();
      exchange.open('text/event-stream', { 'Content-Encoding': name });
      const [bytes] = await encoded(encoder(), ['\uFEFFdata: €豆腐\r\n\r\n']);
      for (const byte of bytes ?? []) await exchange.send(Uint8Array.of(byte));
      expect((await client.event()).data).toBe('€豆腐');
    }),
  );
});

describe('an encoding', () => {
  it(
    'that the bytes are not in is an error, and is tried again',
    withContract(async (contract) => {
      const client = await contract.connect({ initialDelayMs: 0 });
      const exchange = await contract.origin.next();
      await exchange.open('text/event-stream', { 'Content-Encoding': 'gzip' }).send('data: a\n\n');
      expect(await client.error()).not.toBe('');
      await (await contract.origin.next()).open().send('data: b\n\n');
      expect((await client.event()).data).toBe('b');
    }),
  );
});
