import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RowCache } from '../../../media/rowCache.ts';
import type { Row, Rows } from '../../../src/panelApi/protocol.ts';

const million = 1_000_000;

function rowsOf(from: number, to: number): Rows {
  const rows = Array.from({ length: to - from }, (_, at): Row => {
    return { kind: 'comment', position: from + at, time: 1, text: '' };
  });
  return { from, rows };
}

/** A host that answers when it is told to. */
function cacheOf() {
  const asked: { from: number; to: number }[] = [];
  const waiting: PromiseWithResolvers<Rows | null>[] = [];
  let changes = 0;
  const cache = new RowCache(
    (range) => {
      asked.push(range);
      const answer = Promise.withResolvers<Rows | null>();
      waiting.push(answer);
      return answer.promise;
    },
    () => changes++,
  );
  const settle = () => vi.advanceTimersByTimeAsync(0);
  return {
    cache,
    asked,
    changes: () => changes,
    async answer(rows = rowsOf(asked.at(-waiting.length)?.from ?? 0, asked.at(-waiting.length)?.to ?? 0)) {
      waiting.shift()?.resolve(rows);
      await settle();
    },
    async fail() {
      waiting.shift()?.reject(new Error('slow'));
      await settle();
    },
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('a jump is one pull of what is in view, asked for before anything else happens', async () => {
  const { cache, asked, answer } = cacheOf();
  cache.want(599_990, 600_020, 0, million);
  expect(asked).toEqual([{ from: 599_990, to: 600_020 }]);
  cache.wantAround(599_990, 600_020, 0, million);
  cache.want(599_990, 600_020, 0, million);
  expect(asked).toHaveLength(1);
  await answer();
  expect(cache.get(600_019)).toMatchObject({ position: 600_019 });
  cache.want(599_990, 600_020, 0, million);
  expect(asked).toHaveLength(1);
});

test('only what is missing is asked for, within what is there', async () => {
  const { cache, asked } = cacheOf();
  cache.put(rowsOf(100, 110));
  cache.want(95, 130, 97, 120);
  expect(asked).toEqual([{ from: 97, to: 120 }]);
  cache.want(110, 140, 97, 150);
  expect(asked.at(-1)).toEqual({ from: 120, to: 140 });
});

test('what lies around is fetched one side after the other, before reading on comes to its end', async () => {
  const { cache, asked, answer } = cacheOf();
  cache.put(rowsOf(1_000, 1_030));
  cache.wantAround(1_000, 1_030, 0, million);
  expect(asked).toEqual([{ from: 1_030, to: 1_150 }]);
  await answer();
  cache.wantAround(1_000, 1_030, 0, million);
  expect(asked.at(-1)).toEqual({ from: 880, to: 1_000 });
  await answer();
  // A few rows further there is enough yet; near the end of it more comes.
  cache.wantAround(1_040, 1_070, 0, million);
  expect(asked).toHaveLength(2);
  cache.wantAround(1_070, 1_100, 0, million);
  expect(asked.at(-1)).toEqual({ from: 1_150, to: 1_220 });
});

test('two pulls at most are under way, and what lies around never takes both', async () => {
  const { cache, asked, answer } = cacheOf();
  cache.put(rowsOf(0, 30));
  cache.wantAround(0, 30, 0, million);
  cache.want(5_000, 5_030, 0, million);
  expect(asked.at(-1)).toEqual({ from: 5_000, to: 5_030 });
  cache.want(9_000, 9_030, 0, million);
  expect(asked).toHaveLength(2);
  await answer();
  cache.want(9_000, 9_030, 0, million);
  expect(asked.at(-1)).toEqual({ from: 9_000, to: 9_030 });
});

test('a row that the host has no more is known to be gone', async () => {
  const { cache, answer } = cacheOf();
  cache.want(10, 12, 0, 100);
  await answer({ from: 11, rows: rowsOf(11, 12).rows });
  expect(cache.get(10)).toBe(null);
  expect(cache.get(12)).toBe(undefined);
});

test('a host in trouble is left alone for a while, then asked again', async () => {
  const { cache, asked, fail, changes } = cacheOf();
  cache.want(10, 20, 0, 100);
  await fail();
  cache.want(10, 20, 0, 100);
  expect(asked).toHaveLength(1);
  expect(changes()).toBe(0);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(changes()).toBe(1);
  cache.want(10, 20, 0, 100);
  expect(asked).toHaveLength(2);
});

test('of a list that is left an answer is none', async () => {
  const { cache, answer } = cacheOf();
  cache.want(10, 20, 0, 100);
  cache.clear();
  await answer();
  expect(cache.get(10)).toBe(undefined);
});
