import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Term } from '../../../src/capture/filter/filter.ts';
import { type Batch, Match } from '../../../src/capture/filter/matcher.ts';
import { MatcherThread } from '../../../src/node/matcherThread.ts';
import { systemClock } from '../../../src/node/systemClock.ts';

const script = join(import.meta.dirname, '../../../src/node/filterWorker.ts');
const open: MatcherThread[] = [];

function matcher(): MatcherThread {
  const thread = new MatcherThread(script, systemClock);
  open.push(thread);
  return thread;
}

afterEach(() => {
  for (const thread of open.splice(0)) thread.dispose();
});

function batchOf(...data: string[]): Batch {
  const blocks = data.map((line) => Buffer.from(`data: ${line}\n\n`));
  let end = 0;
  return {
    bytes: new Uint8Array(Buffer.concat(blocks)),
    ends: Uint32Array.from(blocks, (block) => {
      end += block.length;
      return end;
    }),
    isEvent: new Uint8Array(blocks.length).fill(1),
    ids: new Map(),
  };
}

function regex(text: string): Term {
  return { mode: 'regex', text, caseSensitive: false };
}

function path(text: string): Term {
  return { mode: 'path', text, caseSensitive: false };
}

/** Backtracks twice as long with each letter more. */
const bomb = `${'a'.repeat(60)}!`;

describe('MatcherThread', () => {
  it('says of each record whether all terms match', async () => {
    const found = await matcher().test(
      [regex('^\\{'), path('$[?@.price > 100]')],
      batchOf('{"price":101}', '{"price":100}', '[{"price":101}]', 'price', '{"price":1e400}'),
    );
    expect([...found]).toEqual([Match.yes, Match.no, Match.no, Match.no, Match.yes]);
  });

  it('says what is wrong with a term, and with which, in words of its own place', async () => {
    const thread = matcher();
    expect(await thread.check([regex('a'), path('$..a')])).toBeUndefined();
    expect(await thread.check([regex('a'), regex('(a')])).toEqual({ term: 1, message: 'Unterminated group' });
    expect(await thread.check([path('$.')])).toEqual({ term: 0, message: 'The path is not complete' });
    expect(await thread.check([path('$[?@.price >')])).toEqual({
      term: 0,
      message: 'unclosed bracketed selection, at character 13',
    });
    expect(await thread.check([path('price')])).toMatchObject({
      message: expect.stringContaining('begins with $'),
    });
  });

  it('ends an expression that takes forever, says on which record, and answers the next question', async () => {
    const thread = matcher();
    const stuck = thread.test([regex('^(a+)+$')], batchOf('a', 'b', bomb, 'a'));
    const after = thread.test([regex('^(a+)+$')], batchOf('a', 'b'));
    await expect(stuck).rejects.toMatchObject({ why: 'slow', at: 2 });
    expect([...(await after)]).toEqual([Match.yes, Match.no]);
  });

  it('ends a JSON path whose pattern takes forever', async () => {
    const hostile = path("$[?match(@.a, '(a+)+')]");
    await expect(matcher().test([hostile], batchOf('{"a":"aa"}', `{"a":"${bomb}"}`))).rejects.toMatchObject({
      why: 'slow',
      at: 1,
    });
  });

  it('looks into hostile documents without harm', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const found = await matcher().test(
      [path('$..a')],
      batchOf(
        deep,
        '{"__proto__":{"a":1}}',
        '{"constructor":{}}',
        '{',
        '"a"',
        '{"a":12345678901234567890123}',
      ),
    );
    expect([...found]).toEqual([Match.no, Match.yes, Match.no, Match.no, Match.no, Match.yes]);
    expect([...(await matcher().test([path('$.toString')], batchOf('{}')))]).toEqual([Match.no]);
  });

  it('gives what a path finds first as a short text', async () => {
    const thread = matcher();
    const texts = ['{"a":{"b":[1,2]}}', '{"a":"é"}', '{"a":null}', '{}', 'a', `{"a":"${'x'.repeat(1_000)}"}`];
    expect(await thread.values('$.a', texts)).toEqual([
      '{"b":[1,2]}',
      'é',
      'null',
      undefined,
      undefined,
      'x'.repeat(300),
    ]);
    await expect(thread.values('$.', [])).rejects.toThrow('not complete');
  });

  it('says where expressions and paths find something, and ends those that take forever to find all', async () => {
    const thread = matcher();
    const terms = [regex('b+'), regex('[bc]'), path('$.b')];
    expect(await thread.marks(terms, ['{"b":"abbc"}', 'x'])).toEqual([
      {
        ranges: [
          [2, 3],
          [7, 9],
          [9, 10],
        ],
        paths: [['b']],
      },
      { ranges: [], paths: [] },
    ]);
    // The first match is found at once, and a look for the next one never ends.
    const hostile = [regex('(a+)+$')];
    expect([...(await thread.test(hostile, batchOf('ba')))]).toEqual([Match.yes]);
    await expect(thread.marks(hostile, [`a\n${bomb}`])).rejects.toMatchObject({ why: 'slow' });
    expect(await thread.marks(hostile, ['a'])).toMatchObject([{ ranges: [[0, 1]] }]);
  });

  it('answers nobody once it is disposed', async () => {
    const thread = matcher();
    const stuck = thread.test([regex('^(a+)+$')], batchOf(bomb));
    const waiting = thread.check([]);
    // Both are on their way, the first on the thread.
    await matcher().check([]);
    thread.dispose();
    await expect(stuck).rejects.toMatchObject({ why: 'failed' });
    await expect(waiting).rejects.toMatchObject({ why: 'failed' });
  });
});
