import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Capture } from '../../../src/capture/capture.ts';
import type { EventRecord } from '../../../src/capture/records.ts';
import { Decoder, decodeBlock } from '../../../src/sse/decoder.ts';
import { Framer } from '../../../src/sse/framer.ts';
import { cut, cuts, stream } from '../../support/streams.ts';

const utf8 = new TextEncoder();

/** The events that a stream leaves in a capture. */
function recorded(chunks: readonly Uint8Array[]): EventRecord[] {
  const capture = new Capture();
  const decoder = new Decoder({
    batch: (batch) => capture.addEvents(0, 1, batch),
    lineFeed: (isNewChunk) => capture.addLineFeed(isNewChunk),
    comment: () => {},
    retry: () => {},
    dropped: () => {},
  });
  for (const chunk of chunks) decoder.push(chunk);
  return Array.from({ length: capture.next }, (_, position) => capture.at(position) as EventRecord);
}

/** The blocks of a stream that are events, with their places in it. */
function eventBlocks(bytes: Uint8Array): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  const framer = new Framer({
    run: ({ at, start, blocks: { count, ends } }) => {
      for (let i = 0, from = start; i < count; from = ends[i++] as number) {
        const place = { from: at + from, to: at + (ends[i] as number) };
        if (decodeBlock(bytes.subarray(place.from, place.to))) found.push(place);
      }
    },
    dropped: () => {},
    lineFeed: () => {},
  });
  framer.push(bytes);
  return found;
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const bytesOf = (whole: string): Uint8Array[] =>
  Array.from(utf8.encode(whole), (byte) => Uint8Array.of(byte));

describe('a recorded event', () => {
  it('has its exact bytes, and where chunks began in them, at any chunking', () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, at) => {
        const chunks = cut(bytes, at);
        let place = 0;
        const begins = chunks.flatMap((chunk) => {
          place += chunk.length;
          return chunk.length === 0 ? [] : [place - chunk.length];
        });
        expect(
          recorded(chunks).map(({ block, chunks, chunkCount }) => ({
            bytes: text(block),
            chunks: chunks.length + 1 === chunkCount ? chunks : 'not counted right',
          })),
        ).toEqual(
          eventBlocks(bytes).map(({ from, to }) => ({
            bytes: text(bytes.subarray(from, to)),
            chunks: begins.filter((begin) => begin > from && begin < to).map((begin) => begin - from),
          })),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps a thousand marks, and counts on', () => {
    const [record] = recorded(bytesOf(`data: ${'x'.repeat(2_000)}\n\n`));
    expect(record?.chunkCount).toBe(2_008);
    expect(record?.chunks).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1));
  });

  it('is one chunk also where it is longer than a piece that is looked at', () => {
    const [record] = recorded([utf8.encode(`data: ${'x'.repeat(1_000_000)}\n\n`)]);
    expect(record).toMatchObject({ chunkCount: 1, chunks: [] });
  });

  it.each([
    ['its own', ['data: a\r\n\r', '\ndata: b\r\n\r\n'], ['data: a\r\n\r\n', 'data: b\r\n\r\n']],
    ['of a comment after it', ['data: a\r\n\r\n:c\r', '\n'], ['data: a\r\n\r\n']],
    ['of a block without data after it', ['data: a\n\nid: 1\r\n\r', '\n'], ['data: a\n\n']],
  ])('ends in the line feed of a split CRLF where that is %s', (_, chunks, blocks) => {
    expect(recorded(chunks.map((chunk) => utf8.encode(chunk))).map(({ block }) => text(block))).toEqual(
      blocks,
    );
  });
});
