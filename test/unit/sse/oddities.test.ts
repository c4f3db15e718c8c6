import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoder, type DecoderSink } from '../../../src/sse/decoder.ts';
import { mostOddities, type Oddity } from '../../../src/sse/oddities.ts';
import { eventsOf } from '../../support/batches.ts';
import { FakeWorld, settled } from '../../support/connections.ts';
import { cut, cuts, stream } from '../../support/streams.ts';

const utf8 = new TextEncoder();

/** What is told of a stream in order: oddities with their places, and the data of events. */
function told(
  chunks: readonly Uint8Array[],
  isUtf8?: (bytes: Uint8Array) => boolean,
): (string | [Oddity, number])[] {
  const found: (string | [Oddity, number])[] = [];
  const sink: DecoderSink = {
    batch: (batch) => void found.push(...eventsOf(batch).map(({ event }) => event.data)),
    comment: () => {},
    retry: () => {},
    dropped: () => {},
    oddity: (oddity, at) => found.push([oddity, at]),
  };
  const decoder = new Decoder(sink, isUtf8 ? { isUtf8 } : {});
  for (const chunk of chunks) decoder.push(chunk);
  decoder.end();
  return found;
}

const bytes = (text: string) => utf8.encode(text);
const ok = 'data: ok\n\n';

describe('an oddity is told with the place of its block', () => {
  it.each<[string, Uint8Array, (string | [Oddity, number])[]]>([
    [
      'a field nobody knows',
      bytes(`${ok}data: a\nData: b\n\n`),
      [[{ kind: 'unknownField', field: 'Data' }, 10], 'a'],
    ],
    [
      'a line without a colon',
      bytes(`${ok}nonsense\n\n`),
      [[{ kind: 'unknownField', field: 'nonsense' }, 10]],
    ],
    ['a bad retry', bytes(`${ok}retry: 3s\n\n`), [[{ kind: 'badRetry', value: '3s' }, 10]]],
    ['an empty retry', bytes(`${ok}retry\n\n`), [[{ kind: 'badRetry', value: '' }, 10]]],
    ['a NUL in an id', bytes(`${ok}id: a\0\ndata: a\n\n`), [[{ kind: 'nulInId' }, 10], 'a']],
    ['a byte order mark inside', bytes(`${ok}\uFEFFdata: a\n\n`), [[{ kind: 'bom' }, 10]]],
    [
      'bytes that are no UTF-8',
      concat(bytes(`${ok}data: `), [0xff], bytes('\n\n')),
      [[{ kind: 'invalidUtf8' }, 10], '\uFFFD'],
    ],
    ['an unfinished block', bytes(`${ok}data: a\n`), [[{ kind: 'unfinished', bytes: 8 }, 10]]],
    [
      'a bad line in an unfinished block',
      bytes(`${ok}x\ny`),
      [
        [{ kind: 'unknownField', field: 'x' }, 10],
        [{ kind: 'unfinished', bytes: 3 }, 10],
      ],
    ],
  ])('%s, at any chunking', (_, stream, expected) => {
    expect(told([stream])).toEqual(['ok', ...expected]);
    expect(told(Array.from(stream, (byte) => Uint8Array.of(byte)))).toEqual(['ok', ...expected]);
    // A byte order mark at the start counts as bytes of the body.
    const moved = expected.map((one) => (typeof one === 'string' ? one : [one[0], one[1] + 3]));
    expect(told([concat([0xef, 0xbb, 0xbf], stream)])).toEqual(['ok', ...moved]);
  });

  it('ahead of its own event, not of the events that came with it', () => {
    expect(told([concat(bytes('data: a\n\ndata: '), [0xc3], bytes('\n\ndata: b\n\n'))])).toEqual([
      'a',
      [{ kind: 'invalidUtf8' }, 9],
      '\uFFFD',
      'b',
    ]);
  });

  it('nothing of that where it only looks so', () => {
    for (const stream of [
      '\uFEFFdata: \uFFFD\n\n',
      'data: a\0b\n\n',
      'data: \uFEFF\n\n',
      ': c\n\ndata: a\n\n',
      '\n\n',
      'retry: 5\n\n',
      'data\n\n',
      '',
    ]) {
      expect(told([bytes(stream)]).filter((one) => typeof one !== 'string')).toEqual([]);
    }
  });

  it('that there were comments and nothing else', () => {
    expect(told([bytes(': a\n\n:\n')])).toEqual([[{ kind: 'onlyComments', comments: 2 }, 7]]);
  });

  it('a hundred times in an attempt, with every event', () => {
    const found = told(Array.from({ length: 500 }, (_, i) => bytes(`x: 1\ndata: ${i}\n\n`)));
    const oddities = found.filter((one) => typeof one !== 'string');
    expect(oddities).toHaveLength(mostOddities + 1);
    expect(oddities.at(-1)?.[0]).toEqual({ kind: 'more' });
    expect(found.filter((one) => typeof one === 'string')).toHaveLength(500);
  });

  it('cut short where it is long', () => {
    const [first] = told([bytes(`${'x'.repeat(1_000_000)}\n\n`)]);
    expect(first).toEqual([{ kind: 'unknownField', field: `${'x'.repeat(100)}…` }, 0]);
  });

  it('the same at every chunking, and whoever says what is UTF-8', () => {
    fc.assert(
      fc.property(stream, cuts, (bytes, at) => {
        expect(told(cut(bytes, at), isUtf8)).toEqual(told([bytes]));
      }),
      { numRuns: 2_000 },
    );
  });

  it('and changes no event', () => {
    const part = fc.constantFrom(
      'data: a\n',
      'id: \0\n',
      'x\n',
      '\n',
      '\n',
      'retry: q\r\n',
      ':\r',
      '\uFEFF',
      '\uFFFD',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.constant('\xff')), { maxLength: 40 }), (parts) => {
        const stream = concat(...parts.map((text) => (text === '\xff' ? [0xff] : bytes(text))));
        const plain: string[] = [];
        const decoder = new Decoder({
          batch: (batch) => void plain.push(...eventsOf(batch).map(({ event }) => event.data)),
          comment: () => {},
          retry: () => {},
          dropped: () => {},
        });
        decoder.push(stream);
        decoder.end();
        expect(told([stream]).filter((one) => typeof one === 'string')).toEqual(plain);
      }),
      { numRuns: 1_000 },
    );
  });
});

it('a connection records oddities between its events', async () => {
  const world = new FakeWorld();
  const { connection, sink } = world.connect();
  await settled();
  world.transport.last.open();
  world.transport.last.text('data: a\n\nfoo: 1\ndata: b\n\ndata: half');
  world.transport.last.end();
  expect(sink.steps.map(({ step }) => step)).toEqual(['open', 'oddity', 'oddity', 'ended', 'waiting']);
  expect(sink.steps[1]).toEqual({ step: 'oddity', oddity: { kind: 'unknownField', field: 'foo' }, at: 9 });
  connection.dispose();
});

function concat(...parts: ArrayLike<number>[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}
