// What events a stream means, however its bytes arrive.
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type EventMessage, withContract } from './harness.ts';

function message(data: string, more: Partial<EventMessage> = {}): EventMessage {
  return { type: 'message', id: '', ...more, data };
}

/** A test that sends these chunks and hears these events. */
function means(chunks: string | (string | Uint8Array)[], expected: EventMessage[]): () => Promise<void> {
  return withContract(async (contract) => {
    const [client, exchange] = await contract.open();
    for (const chunk of [chunks].flat()) await exchange.send(chunk);
    for (const event of expected) expect(await client.event()).toEqual(event);
    expect(client.unread).toBe(0);
  });
}

describe('an event', () => {
  it('of one line in one chunk', means('data: Hello\n\n', [message('Hello')]));
  it('of one line in two chunks', means(['data: Hel', 'lo\n\n'], [message('Hello')]));
  it(
    'beside another in one chunk',
    means('data: Hello\n\ndata: World\n\n', [message('Hello'), message('World')]),
  );
  it('of two lines', means('data: Hello\ndata:World\n\n', [message('Hello\nWorld')]));
  it('with empty data', means('data:\n\n', [message('')]));
  it('has the type "message" where it names none', means('data: a\n\n', [message('a')]));
  it('with a type', means('event: greeting\ndata: a\n\n', [message('a', { type: 'greeting' })]));
  it('with an id', means('id: abc\ndata: a\n\n', [message('a', { id: 'abc' })]));
  it(
    'with a type and an id',
    means('event: greeting\nid: abc\ndata: a\n\n', [message('a', { type: 'greeting', id: 'abc' })]),
  );
  it(
    'with its fields in reverse order',
    means('data: a\nid: abc\nevent: greeting\n\n', [message('a', { type: 'greeting', id: 'abc' })]),
  );
  it(
    'with fields nobody knows',
    means('event: greeting\ncolor: blue\ndata: a\nDATA: b\ndatas: c\n\n', [
      message('a', { type: 'greeting' }),
    ]),
  );
  it(
    'without a space after the colons',
    means('event:greeting\nid:abc\ndata:a\n\n', [message('a', { type: 'greeting', id: 'abc' })]),
  );
  it(
    'with more than one space after the colons',
    means('event:  greeting\nid:  abc\ndata:  a\n\n', [message(' a', { type: ' greeting', id: ' abc' })]),
  );
  it('of fields without a colon', means('data\n\ndata\ndata\n\n', [message(''), message('\n')]));
  it('with colons in its data', means('data: a: b::\n\n', [message('a: b::')]));
  it('with characters of several bytes', means('data: €豆腐 🎉\n\n', [message('€豆腐 🎉')]));
  it(
    'with characters of several bytes, byte by byte',
    withContract(async (contract) => {
      const [client, exchange] = await contract.open();
      await exchange.sendInPieces('data: €豆腐 🎉\n\n', 1);
      expect(await client.event()).toEqual(message('€豆腐 🎉'));
    }),
  );
  it(
    'is not dispatched without data, and its type is forgotten',
    means('event: x\n\nevent: y\nid: 1\n\ndata: a\n\n', [message('a', { id: '1' })]),
  );
  it(
    'takes the last of several types',
    means('event: x\nevent: y\ndata: a\n\n', [message('a', { type: 'y' })]),
  );
  it(
    'that shares a chunk with the one before and the one after',
    means(['data: test', 'test\n\ndata:', 'test\n\n'], [message('testtest'), message('test')]),
  );
  it('of bytes that are no UTF-8', means([Buffer.from('data: a\xffb\n\n', 'latin1')], [message('a�b')]));
  it.each([100, 2_000])('of %i in one chunk comes in its turn', (length) =>
    means(
      Array.from({ length }, (_, i) => `data: message ${i}\n\n`).join(''),
      Array.from({ length }, (_, i) => message(`message ${i}`)),
    )(),
  );
});

describe('an id', () => {
  it(
    'holds until another one comes',
    means('id: abc\ndata: a\n\ndata: b\n\nid: def\ndata: c\n\n', [
      message('a', { id: 'abc' }),
      message('b', { id: 'abc' }),
      message('c', { id: 'def' }),
    ]),
  );
  it.each(['id: ', 'id:', 'id'])('is taken back by the line %j', (line) =>
    means(`id: abc\ndata: a\n\n${line}\ndata: b\n\ndata: c\n\n`, [
      message('a', { id: 'abc' }),
      message('b'),
      message('c'),
    ])(),
  );
  it('is ignored where it holds a null character', means('id: a\0bc\ndata: a\n\n', [message('a')]));
  it(
    'stays what it was where the next one holds a null character',
    means('id: 1\ndata: a\n\nid: a\0b\ndata: b\n\n', [message('a', { id: '1' }), message('b', { id: '1' })]),
  );
});

describe('a comment', () => {
  it(
    'is reported as soon as its line is over, without its colon',
    withContract(async (contract) => {
      const [client, exchange] = await contract.open();
      await exchange.send(':Hello\n');
      expect(await client.comment()).toBe('Hello');
      await exchange.send(': World\n');
      expect(await client.comment()).toBe('World');
      await exchange.send('data: a\n\n');
      expect(await client.event()).toEqual(message('a'));
      await exchange.send(':\n');
      expect(await client.comment()).toBe('');
    }),
  );
  it(
    'leaves the event that it stands in alone',
    withContract(async (contract) => {
      const [client, exchange] = await contract.open();
      await exchange.send('data: a\n:in between\ndata: b\n\n');
      expect(await client.comment()).toBe('in between');
      expect(await client.event()).toEqual(message('a\nb'));
    }),
  );
});

const bom = '\uFEFF';

describe('a byte order mark', () => {
  it('at the start is stripped', means(`${bom}data: a\n\n`, [message('a')]));
  it(
    'at the start is stripped from any field',
    means(`${bom}event: greeting\nid: abc\ndata: a\n\n`, [message('a', { type: 'greeting', id: 'abc' })]),
  );
  it('at the start is stripped once', means(`${bom}data: a\n\ndata: b\n\n`, [message('a'), message('b')]));
  it(
    'in later data is data',
    means(['data: a\n\n', `data: ${bom}b\n\n`], [message('a'), message(`${bom}b`)]),
  );
  it('in the first data is data', means(`${bom}data: ${bom}a\n\n`, [message(`${bom}a`)]));
  it(
    'in two chunks is stripped',
    means([Uint8Array.of(0xef, 0xbb), Uint8Array.of(0xbf), 'data: a\n\n'], [message('a')]),
  );
  it(
    'in three chunks is stripped',
    means([Uint8Array.of(0xef), Uint8Array.of(0xbb), Uint8Array.of(0xbf), 'data: a\n\n'], [message('a')]),
  );
  it('before lines of data', means(`${bom}data: a\ndata: b\n\n`, [message('a\nb')]));
  it('before empty data', means(`${bom}data:\n\n`, [message('')]));
  it(
    'before a comment',
    withContract(async (contract) => {
      const [client, exchange] = await contract.open();
      await exchange.send(`${bom}:comment\ndata: a\n\n`);
      expect(await client.comment()).toBe('comment');
      expect(await client.event()).toEqual(message('a'));
    }),
  );
});

describe('a large message', () => {
  const part = (): string => randomBytes(5 * 1024 * 1024).toString('base64');

  // Compared by hand: a difference would print megabytes.
  it(
    'of seven million characters in one chunk',
    withContract(async (contract) => {
      const [client, exchange] = await contract.open();
      const data = part();
      await exchange.send(`data: ${data}\n\n`);
      expect((await client.event()).data === data).toBe(true);
    }),
  );
  it(
    'of fourteen million characters in two chunks',
    withContract(async (contract) => {
      const [client, exchange] = await contract.open();
      const [a, b] = [part(), part()];
      await exchange.send(`data: ${a}`);
      await exchange.send(`${b}\n\n`);
      expect((await client.event()).data === a + b).toBe(true);
    }),
  );
  it.each([0, 1, 128, 512, 1024, 2048, 4096, 6144, 8192, 12_288, 16_384, 32_768, 65_536, 262_144, 1_048_576])(
    'of about %i characters arrives whole',
    (size) =>
      withContract(async (contract) => {
        const [client, exchange] = await contract.open();
        // Where the sizes of buffers lie: one less, one more, and so much less that the field's name fits in, too.
        for (const length of [size - 9, size - 1, size, size + 1].filter((n) => n >= 0)) {
          const data = 'x'.repeat(length);
          await exchange.send(`data: ${data}\n\n`);
          expect((await client.event()).data === data).toBe(true);
        }
      })(),
  );
  it(
    'past 16 MiB is dropped, and said to be; the next one arrives',
    withContract(async (contract) => {
      const [client, exchange] = await contract.open();
      await exchange.send(`data: ${'x'.repeat(16 * 1024 * 1024)}\n\ndata: a\n\n`);
      expect(await client.error()).toContain('16 MiB');
      expect(await client.event()).toEqual(message('a'));
    }),
  );
});
