import { describe, expect, it } from 'vitest';
import { Emitter } from '../../../src/base/emitter.ts';
import { Capture } from '../../../src/capture/capture.ts';
import { type Filter, noFilter, type Term } from '../../../src/capture/filter/filter.ts';
import { MatchError, type Matcher } from '../../../src/capture/filter/matcher.ts';
import { RecordList } from '../../../src/panelApi/recordList.ts';
import type { CaptureSource } from '../../../src/session/captureSource.ts';
import { matcherInProcess } from '../../support/matcherInProcess.ts';

const utf8 = new TextEncoder();

function term(text: string, mode: Term['mode'] = 'text'): Filter {
  return { ...noFilter, terms: [{ text, mode, caseSensitive: false }] };
}

function setUp(matcher: Matcher = matcherInProcess()) {
  const capture = new Capture();
  const source: CaptureSource = {
    name: 'a',
    captureId: 'a',
    capture,
    settings: { method: 'GET', url: 'http://h.example/' },
    state: { kind: 'idle' },
    canConnect: true,
    silentSince: undefined,
    attempts: 1,
    lastEventId: '',
    token: undefined,
    hasTimes: true,
    notice: undefined,
    rate: () => 0,
    onDidChange: new Emitter<unknown>().event,
  };
  let now = 0;
  const list = new RecordList(source, {
    matcher,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    // Each slice has time for one look at the clock.
    monotonic: () => {
      now += 8;
      return now;
    },
  });
  const add = (...texts: string[]): void => {
    for (const text of texts) capture.addEvent(0, 1, 'message', undefined, utf8.encode(`data: ${text}\n\n`));
    list.catchUp();
  };
  const texts = (): string[] =>
    list.tail(500).rows.map((row) => (row.kind === 'event' ? row.preview : row.text));
  return { capture, list, add, texts };
}

/** The list has looked at all there is. */
async function caughtUp({ capture, list }: ReturnType<typeof setUp>): Promise<void> {
  while (!list.place(list.view.id, capture.next - 1)?.isDecided) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('RecordList', () => {
  it('shows what matches under indexes of its own, also of what comes later, and all again without a filter', async () => {
    const set = setUp();
    const { list, add, texts } = set;
    add('ab', 'b', 'bc', 'c');
    expect(list.view).toEqual({ id: 1, isFiltered: false, first: 0, next: 4 });
    expect(await list.show(term('C'))).toBeNull();
    await caughtUp(set);
    expect(list.view).toEqual({ id: 2, isFiltered: true, first: 0, next: 2 });
    expect(texts()).toEqual(['bc', 'c']);
    expect(list.rows(2, 1, 9)).toMatchObject({ from: 1, rows: [{ position: 3, number: 4 }] });
    add('d', 'cd');
    await caughtUp(set);
    expect(texts()).toEqual(['bc', 'c', 'cd']);
    expect(list.tail(1)).toMatchObject({ from: 2, rows: [{ position: 5 }] });
    await list.show(noFilter);
    expect(list.view).toEqual({ id: 3, isFiltered: false, first: 0, next: 6 });
    expect(list.rows(2, 0, 10)).toBeNull();
    expect(list.place(2, 0)).toBeNull();
  });

  it('says where a record stands, or what stands nearest behind it', async () => {
    const set = setUp();
    set.add('a', 'b', 'a', 'b');
    await set.list.show(term('b'));
    await caughtUp(set);
    expect(set.list.place(2, 3)).toEqual({ index: 1, isThere: true, isDecided: true });
    expect(set.list.place(2, 2)).toEqual({ index: 1, isThere: false, isDecided: true });
    expect(set.list.place(2, 4)).toEqual({ index: 2, isThere: false, isDecided: false });
    await set.list.show(noFilter);
    expect(set.list.place(3, 3)).toEqual({ index: 3, isThere: true, isDecided: true });
    expect(set.list.place(3, 9)).toEqual({ index: 4, isThere: false, isDecided: true });
  });

  it('goes on with the list it has where a term is wrong, and where nothing changes', async () => {
    const set = setUp();
    set.add('a', 'b');
    await set.list.show(term('b'));
    await caughtUp(set);
    expect(await set.list.show(term('(', 'regex'))).toEqual({ term: 0, message: 'Unterminated group' });
    expect(await set.list.show({ ...term('b'), terms: [...term('').terms, ...term('b').terms] })).toBeNull();
    expect(set.list.view.id).toBe(2);
    expect(set.texts()).toEqual(['b']);
  });

  it('takes the last of several filters, whichever was checked first', async () => {
    const gate = Promise.withResolvers<void>();
    const inProcess = matcherInProcess();
    const slowCheck: Matcher = {
      ...inProcess,
      check: async (terms) => {
        await gate.promise;
        return inProcess.check(terms);
      },
    };
    const set = setUp(slowCheck);
    set.add('a', 'b');
    const first = set.list.show(term('a', 'regex'));
    await set.list.show(term('b'));
    gate.resolve();
    expect(await first).toBeNull();
    await caughtUp(set);
    expect(set.texts()).toEqual(['b']);
  });

  it('says why it ended early, and on which event', async () => {
    const set = setUp({
      ...matcherInProcess(),
      test: async () => {
        throw new MatchError('slow', 1);
      },
    });
    set.add('a', 'b');
    await set.list.show(term('a', 'regex'));
    await caughtUp(set);
    expect(set.list.view.problem).toMatch(/^This regular expression takes too long on event #2:/);
  });

  it('matches steps by the line that is shown for them', async () => {
    const set = setUp();
    set.capture.addStep(0, 1, { step: 'forced' });
    set.capture.addComment(0, 1, 'forced to wait');
    set.add('a');
    await set.list.show({ ...term('reconnect FORCED'), hiddenKinds: [] });
    await caughtUp(set);
    expect(set.texts()).toEqual(['Reconnect forced']);
    await set.list.show({ ...term('forced'), hiddenKinds: ['step'] });
    await caughtUp(set);
    expect(set.texts()).toEqual(['forced to wait']);
  });

  it('tells the positions of what is found and still there, as of the moment', async () => {
    const set = setUp();
    set.add('x', 'b', 'xb', 'c');
    expect(set.list.positions()).toBeUndefined();
    await set.list.show(term('x'));
    await caughtUp(set);
    const before = set.list.positions();
    set.add('x');
    await caughtUp(set);
    expect([...(before ?? [])]).toEqual([0, 2]);
    expect([...(set.list.positions() ?? [])]).toEqual([0, 2, 4]);
    set.capture.clear();
    expect([...(set.list.positions() ?? [])]).toEqual([]);
  });

  it('rests while nobody looks', async () => {
    const set = setUp();
    set.add(...Array.from({ length: 20_000 }, (_, i) => String(i)));
    await set.list.show(term('9'));
    set.list.rest();
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(set.list.view.next).toBeLessThan(5_000);
    set.list.catchUp();
    await caughtUp(set);
    expect(set.list.view.next).toBe(6_878);
  });
});
