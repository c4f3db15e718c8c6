import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoder, decodeBlock } from '../../../src/sse/decoder.ts';
import { Framer } from '../../../src/sse/framer.ts';
import { type BatchedEvent, eventsOf } from '../../support/batches.ts';
import { referenceDecode } from '../../support/referenceDecoder.ts';
import { cut, cuts, stream } from '../../support/streams.ts';

interface Decoded {
  events: BatchedEvent[];
  blocks: string[];
  comments: string[];
  retries: number[];
  dropped: { bytes: number; bound: string }[];
  lastEventId: string;
}

const utf8 = new TextEncoder();

function decode(chunks: readonly (string | Uint8Array)[], lastEventId = ''): Decoded {
  const found = emptyResult();
  const decoder = new Decoder(
    {
      batch: (batch) => {
        for (const { event, block } of eventsOf(batch)) {
          found.events.push(event);
          found.blocks.push(Buffer.from(block).toString('utf8'));
        }
      },
      comment: (text) => found.comments.push(text),
      retry: (ms) => found.retries.push(ms),
      dropped: (what) => found.dropped.push(what),
    },
    { lastEventId },
  );
  for (const chunk of chunks) decoder.push(typeof chunk === 'string' ? utf8.encode(chunk) : chunk);
  decoder.end();
  found.lastEventId = decoder.lastEventId;
  return found;
}

function emptyResult(): Decoded {
  return { events: [], blocks: [], comments: [], retries: [], dropped: [], lastEventId: '' };
}

function bytesOf(text: string): Uint8Array[] {
  return Array.from(utf8.encode(text), (byte) => Uint8Array.of(byte));
}

describe('Decoder', () => {
  it.each([
    ['LF', 'data: a\n\ndata: b\n\n'],
    ['CR', 'data: a\r\rdata: b\r\r'],
    ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n'],
    ['mixed', 'data: a\r\n\ndata: b\r\r\n'],
    ['mixed the other way', 'data: a\n\rdata: b\r\n\r'],
  ])('reads streams with %s line ends, whole and byte by byte', (_, stream) => {
    expect(decode([stream]).events.map(({ data }) => data)).toEqual(['a', 'b']);
    expect(decode(bytesOf(stream)).events.map(({ data }) => data)).toEqual(['a', 'b']);
  });

  it.each([
    ['as a whole', ['\uFEFFdata: a\n\n']],
    ['split over chunks', [Uint8Array.of(0xef), Uint8Array.of(0xbb), Uint8Array.of(0xbf), 'data: a\n\n']],
    [
      'with an empty chunk in it',
      [Uint8Array.of(0xef, 0xbb), new Uint8Array(0), Uint8Array.of(0xbf), 'data: a\n\n'],
    ],
  ])('strips a byte order mark at the start %s', (_, chunks) => {
    expect(decode(chunks).events.map(({ data }) => data)).toEqual(['a']);
  });

  it('takes a second byte order mark, and one inside the stream, as text', () => {
    expect(decode(['\uFEFF\uFEFFdata: a\n\n']).events).toEqual([]);
    expect(decode(['data: a\n\n\uFEFFdata: b\n\ndata: \uFEFFc\n\n']).events.map(({ data }) => data)).toEqual([
      'a',
      '\uFEFFc',
    ]);
  });

  it('keeps what only looks like a byte order mark', () => {
    expect(decode([Uint8Array.of(0xef, 0xbb), 'x: y\ndata: a\n\n']).events.map(({ data }) => data)).toEqual([
      'a',
    ]);
    expect(decode(['ï»¿data: a\n\ndata: b\n\n']).events.map(({ data }) => data)).toEqual(['b']);
  });

  it('dispatches an event with empty data for `data:`, one with a line feed for two of them', () => {
    expect(decode(['data\n\ndata:\ndata:\n\nevent: x\n\n']).events.map(({ data }) => data)).toEqual([
      '',
      '\n',
    ]);
  });

  it('joins data lines, takes off one space, and keeps colons', () => {
    const { events, blocks } = decode(['event: tick\ndata:  a\ndata:b: c\nid: 7\n\n']);
    expect(events).toEqual([{ type: 'tick', data: ' a\nb: c', ownId: '7', lastEventId: '7' }]);
    expect(blocks).toEqual(['event: tick\ndata:  a\ndata:b: c\nid: 7\n\n']);
  });

  it('carries the last id on, from the attempt before too, and an empty one takes it back', () => {
    const { events, lastEventId } = decode(['data: a\n\nid: 1\ndata: b\n\ndata: c\n\nid\ndata: d\n\n'], '0');
    expect(events.map((event) => [event.ownId, event.lastEventId])).toEqual([
      [undefined, '0'],
      ['1', '1'],
      [undefined, '1'],
      ['', ''],
    ]);
    expect(lastEventId).toBe('');
  });

  it('remembers an id that comes without data', () => {
    const { events, lastEventId } = decode(['id: 5\n\ndata: a\n\nid: 6\n\n']);
    expect(events).toMatchObject([{ ownId: undefined, lastEventId: '5' }]);
    expect(lastEventId).toBe('6');
  });

  it('ignores an id with a NUL', () => {
    expect(decode(['id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n']).lastEventId).toBe('1');
  });

  it('takes `retry` only in digits', () => {
    expect(decode(['retry: 10\nretry: 1.5\nretry: -1\nretry: 0x10\nretry\nretry:20\n\n']).retries).toEqual([
      10, 20,
    ]);
  });

  it('gives each event its own wire bytes in a run of blocks of every kind', () => {
    const blocks = [
      'data: 1\n\n',
      'id: 9\n\n',
      'event: e\ndata: 2\n\n',
      ': note\n',
      'retry: 3\ndata: 4\n\n',
      '\n',
      'x\ndata: 5\n\n',
    ];
    expect(decode([blocks.join('')]).blocks).toEqual(blocks.filter((block) => block.includes('data')));
  });

  it('tells of a comment as soon as its line is over', () => {
    const comments: string[] = [];
    const decoder = new Decoder({
      batch: () => {},
      comment: (text) => comments.push(text),
      retry: () => {},
      dropped: () => {},
    });
    decoder.push(utf8.encode(': a\n'));
    expect(comments).toEqual(['a']);
    decoder.push(utf8.encode(':'));
    decoder.push(utf8.encode('b\r'));
    expect(comments).toEqual(['a', 'b']);
    decoder.push(utf8.encode('\n:c\n'));
    expect(comments).toEqual(['a', 'b', 'c']);
  });

  it('discards an event that the end cuts off, but hears its comments and its `retry`', () => {
    const { events, comments, retries, lastEventId } = decode([
      'data: a\n\nid: 3\nretry: 40\n: c\ndata: b\nret',
    ]);
    expect(events.map(({ data }) => data)).toEqual(['a']);
    expect({ comments, retries, lastEventId }).toEqual({ comments: ['c'], retries: [40], lastEventId: '' });
  });

  it('reads on after a block of 16 MiB, and names its size', () => {
    const line = `data: ${'x'.repeat(64 * 1024)}\n`;
    const block = line.repeat(257);
    const { events, dropped, lastEventId } = decode([
      'id: 1\ndata: a\n\nid: 2\n',
      block,
      '\n',
      'data: b\n\n',
    ]);
    expect(events.map(({ data, lastEventId }) => [data, lastEventId])).toEqual([
      ['a', '1'],
      ['b', '1'],
    ]);
    expect(dropped).toEqual([{ bytes: 6 + block.length + 1, bound: 'bytes' }]);
    expect(lastEventId).toBe('1');
  });

  it('decodes a block again to the same event, also one that begins with a byte order mark', () => {
    expect(decodeBlock(utf8.encode('id: 4\r\ndata: a\r\n\r'))).toEqual({
      type: 'message',
      data: 'a',
      ownId: '4',
    });
    expect(decodeBlock(utf8.encode('\uFEFFid: 4\ndata: a\n\n'))?.ownId).toBeUndefined();
    expect(decodeBlock(utf8.encode('id: 4\n\n'))).toBeUndefined();
  });
});

describe('Decoder, on any stream', () => {
  it('gives the same at every chunking, and what the specification gives', () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, at) => {
        const { events, comments, retries, lastEventId } = decode([bytes]);
        const chunked = decode(cut(bytes, at));
        expect({ ...chunked, blocks: [] }).toEqual({
          events,
          comments,
          retries,
          lastEventId,
          dropped: [],
          blocks: [],
        });
        const reference = referenceDecode(bytes);
        expect(events.map(({ type, data, lastEventId }) => ({ type, data, lastEventId }))).toEqual(
          reference.events,
        );
        expect({ comments, retries, lastEventId }).toEqual({
          comments: reference.comments,
          retries: reference.retries,
          lastEventId: reference.lastEventId,
        });
      }),
      { numRuns: 3_000 },
    );
  });

  it('decodes each block again to the same event', () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, at) => {
        const decoder = new Decoder({
          batch: (batch) => {
            for (const { event, block } of eventsOf(batch)) expect(decodeBlock(block)?.type).toBe(event.type);
          },
          comment: () => {},
          retry: () => {},
          dropped: () => {},
        });
        for (const chunk of cut(bytes, at)) decoder.push(chunk);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('Framer', () => {
  function frame(chunks: readonly Uint8Array[], limits?: { maxBytes?: number; maxLines?: number }) {
    const blocks: string[] = [];
    const runs: { text: string; at: number }[] = [];
    const dropped: { bytes: number; bound: string }[] = [];
    const framer = new Framer(
      {
        run: ({ bytes, at, start, blocks: { count, ends } }) => {
          for (let i = 0, from = start; i < count; from = ends[i++] as number) {
            const text = Buffer.from(bytes.subarray(from, ends[i])).toString('latin1');
            blocks.push(text);
            runs.push({ text, at: at + from });
          }
        },
        dropped: (what) => dropped.push(what),
        lineFeed: () => {
          if (blocks.length > 0) blocks.push(`${blocks.pop()}\n`);
        },
      },
      limits,
    );
    for (const chunk of chunks) framer.push(chunk);
    const { bytes, at } = framer.end();
    const rest = Buffer.from(bytes).toString('latin1');
    if (rest !== '') runs.push({ text: rest, at });
    return { blocks, runs, dropped, rest };
  }

  it('loses no byte: blocks and the unfinished rest are the stream', () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, at) => {
        const hasBom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
        const whole = Buffer.from(hasBom ? bytes.subarray(3) : bytes).toString('latin1');
        const one = frame([bytes]);
        expect(one.blocks.join('') + one.rest).toBe(whole);
        const { blocks, runs, rest } = frame(cut(bytes, at));
        const text = Buffer.from(bytes).toString('latin1');
        for (const run of runs) expect(text.slice(run.at, run.at + run.text.length)).toBe(run.text);
        expect(blocks.join('') + rest).toBe(whole);
      }),
      { numRuns: 2_000 },
    );
  });

  it('drops a block past a bound at every chunking alike, and goes on with the next', () => {
    const text =
      'data: a\n\ndata: too much of it\n\ndata: b\n\nx\nx\nx\nx\n\ndata: c\n\n: a long, long comment\ndata: d\n\n';
    const bytes = utf8.encode(text);
    fc.assert(
      fc.property(cuts, (at) => {
        const { blocks, dropped, rest } = frame(cut(bytes, at), { maxBytes: 12, maxLines: 3 });
        expect(blocks).toEqual(['data: a\n\n', 'data: b\n\n', 'data: c\n\n', 'data: d\n\n']);
        expect(dropped.map(({ bytes }) => bytes)).toEqual([22, 9, 23]);
        expect(dropped[1]?.bound).toBe('lines');
        expect(rest).toBe('');
      }),
    );
  });

  it('gives nothing of a dropped block that never ends, but names its size', () => {
    const { blocks, dropped, rest } = frame([utf8.encode(`data: ${'x'.repeat(100)}`)], { maxBytes: 50 });
    expect({ blocks, dropped, rest }).toEqual({
      blocks: [],
      dropped: [{ bytes: 106, bound: 'bytes' }],
      rest: '',
    });
  });

  it('holds a block that comes byte by byte in about its own size', () => {
    const framer = new Framer({ run: () => {}, dropped: () => {}, lineFeed: () => {} });
    const byte = Uint8Array.of(0x64);
    const before = process.memoryUsage();
    for (let i = 0; i < 2_000_000; i++) framer.push(byte);
    const after = process.memoryUsage();
    expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(
      64 * 1024 * 1024,
    );
    expect(framer.end().bytes.length).toBe(2_000_000);
  });
});
