// LF, CRLF and CR mean the same, wherever a chunk ends.
import { describe, expect, it } from 'vitest';
import { withContract } from './harness.ts';

const endings = { LF: '\n', CRLF: '\r\n', CR: '\r' };

const streams: [string, string, string[]][] = [
  ['an event of one line', 'data: event 1\n\n', ['event 1']],
  [
    'events of one line and of two',
    'data: event 1\n\ndata: event 2 line 1\ndata: event 2 line 2\n\n',
    ['event 1', 'event 2 line 1\nevent 2 line 2'],
  ],
  ['an empty line of data first', 'data:\ndata: line2\ndata: line3\n\n', ['\nline2\nline3']],
  ['an empty line of data in the middle', 'data: line1\ndata:\ndata: line3\n\n', ['line1\n\nline3']],
  ['an empty line of data last', 'data: line1\ndata:\n\n', ['line1\n']],
  ['one more blank line', 'data: event 1\n\n\ndata: event 2\n\n', ['event 1', 'event 2']],
  ['two more blank lines', 'data: event 1\n\n\n\ndata: event 2\n\n', ['event 1', 'event 2']],
  ['blank lines first', '\n\ndata: event 1\n\n', ['event 1']],
  ['comments', ':a\ndata: event 1\n:b\ndata: line 2\n\n:c\n', ['event 1\nline 2']],
];

describe.each(Object.entries(endings))('lines that end in %s', (_, ending) => {
  describe.each(streams)('%s', (_name, stream, expected) => {
    it.each([
      ['in one chunk', Number.POSITIVE_INFINITY],
      ['in chunks of one byte', 1],
      ['in chunks of two bytes', 2],
      ['in chunks of three bytes', 3],
    ])('%s', (_size, size) =>
      withContract(async (contract) => {
        const [client, exchange] = await contract.open();
        const bytes = stream.replaceAll('\n', ending);
        if (Number.isFinite(size)) await exchange.sendInPieces(bytes, size);
        else await exchange.send(bytes);
        const heard: string[] = [];
        while (heard.length < expected.length) {
          const message = await client.next();
          if (message.kind === 'event') heard.push(message.event.data);
          else expect(message.kind).toBe('comment');
        }
        expect(heard).toEqual(expected);
      })(),
    );
  });
});

describe('line endings', () => {
  it(
    'CRLF whose CR ends a chunk is one line ending',
    withContract(async (contract) => {
      const [client, exchange] = await contract.open();
      for (const chunk of ['data: Hello\r', '\ndata: World\r', '\n\r\ndata: OK\r', '\n', '\r', '\n'])
        await exchange.send(chunk);
      expect((await client.event()).data).toBe('Hello\nWorld');
      expect((await client.event()).data).toBe('OK');
    }),
  );
  it(
    'an event that a lone CR ends is there without waiting for what follows',
    withContract(async (contract) => {
      const [client, exchange] = await contract.open();
      await exchange.send('data: a\r\r');
      expect((await client.event()).data).toBe('a');
      await exchange.send('\ndata: b\n\n');
      expect((await client.event()).data).toBe('b');
    }),
  );
  it(
    'mixed in one stream',
    withContract(async (contract) => {
      const [client, exchange] = await contract.open();
      await exchange.send('data: a\rdata: b\r\ndata: c\n\r\ndata: d\n\n');
      expect((await client.event()).data).toBe('a\nb\nc');
      expect((await client.event()).data).toBe('d');
    }),
  );
  it(
    'a form feed, a vertical tab and the line separators of Unicode end no line',
    withContract(async (contract) => {
      const [client, exchange] = await contract.open();
      const data = 'a\fb\vc\u0085d\u2028e\u2029f';
      await exchange.send(`data: ${data}\n\n`);
      expect((await client.event()).data).toBe(data);
    }),
  );
});
