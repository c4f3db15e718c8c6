import fc from 'fast-check';
import { query } from 'json-p3';
import { describe, expect, it } from 'vitest';
import { Capture } from '../../../../src/capture/capture.ts';
import { type Filter, noFilter, type Term } from '../../../../src/capture/filter/filter.ts';
import { FilteredView, type ScanPorts } from '../../../../src/capture/filter/filteredView.ts';
import { MatchError } from '../../../../src/capture/filter/matcher.ts';
import type { CaptureRecord } from '../../../../src/capture/records.ts';
import { Decoder, decodeBlock } from '../../../../src/sse/decoder.ts';
import { matcherInProcess } from '../../../support/matcherInProcess.ts';

const utf8 = new TextEncoder();

/** Slices are as short as can be: the clock is over with each look at it. */
function ports(change: Partial<ScanPorts> = {}): ScanPorts {
  let now = 0;
  return {
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    monotonic: () => {
      now += 100;
      return now;
    },
    describe: (step) => `a ${step.step}`,
    matcher: matcherInProcess(),
    ...change,
  };
}

async function scanned(view: FilteredView, capture: Capture): Promise<void> {
  view.catchUp();
  while (view.scanned < capture.next && !view.failure) await new Promise((resolve) => setImmediate(resolve));
}

function positionsOf(view: FilteredView): (number | undefined)[] {
  return Array.from({ length: view.next - view.first }, (_, i) => view.positionAt(view.first + i));
}

function term(text: string, change: Partial<Term> = {}): Term {
  return { mode: 'text', text, caseSensitive: false, ...change };
}

/** What a user would say of one record, with nothing but its decoded texts. */
function shows(filter: Filter, record: CaptureRecord): boolean {
  if (record.kind !== 'event') {
    if (filter.hiddenKinds.includes(record.kind)) return false;
    const text = record.kind === 'comment' ? record.text : `a ${record.step.step}`;
    return filter.terms.every((term) => has(term, [text], undefined));
  }
  const event = decodeBlock(record.block);
  if (!event || filter.types.names.includes(event.type) !== filter.types.shown) return false;
  const texts = [event.data, event.type, event.ownId ?? record.inheritedId ?? ''];
  return filter.terms.every((term) => has(term, texts, event.data));
}

function has({ mode, text, caseSensitive }: Term, texts: string[], data: string | undefined): boolean {
  if (mode === 'path') {
    if (data === undefined) return false;
    try {
      const document = JSON.parse(data);
      // A filter at the root asks the event itself.
      return query(text, text === '$[?@.b]' ? [document] : document).length > 0;
    } catch {
      return false;
    }
  }
  if (mode === 'text' && caseSensitive) return texts.some((whole) => whole.includes(text));
  const source = mode === 'regex' ? text : text.replace(/[^\p{L}\p{N}\s]/gu, '\\$&');
  return texts.some((whole) => new RegExp(source, caseSensitive ? 'm' : 'mi').test(whole));
}

// Few letters, so that most texts are found somewhere, in every place where they may and may not be looked for.
const letters = fc.constantFrom(
  'a',
  'A',
  'b',
  'd',
  'i',
  ' ',
  ':',
  '=',
  'é',
  'É',
  'Ⱥ',
  'ⱥ',
  '漢',
  '"',
  '1',
  '\0',
);
const word = fc.string({ unit: letters, maxLength: 6 });
const line = fc.oneof(
  word.map((value) => `data: ${value}`),
  word.map((value) => `data:${value}`),
  word.map((value) => `id: ${value}`),
  word.map((value) => `event: ${value}`),
  word.map((value) => `a: ${value}`),
  word.map((value) => `data${value}`),
  fc.constantFrom('id', 'data', ':a', 'data: {"a":1}', 'data: {"a":{"b":[1,2]}}', 'idx: a', 'data: da'),
);
const stream = fc
  .array(fc.tuple(fc.array(line, { minLength: 1, maxLength: 5 }), fc.constantFrom('\n', '\r', '\r\n')), {
    maxLength: 30,
  })
  .map((blocks) => blocks.map(([lines, end]) => [...lines, '', ''].join(end)).join(''));
const someTerm: fc.Arbitrary<Term> = fc.oneof(
  fc.record({
    mode: fc.constant('text' as const),
    text: fc.oneof(word, fc.constantFrom('data', 'id', 'a forced', 'a\nb', '\uFFFD')),
    caseSensitive: fc.boolean(),
  }),
  fc.record({
    mode: fc.constant('regex' as const),
    text: fc.constantFrom('^a', 'a$', 'A|b', '\\d', '"'),
    caseSensitive: fc.boolean(),
  }),
  fc.record({
    mode: fc.constant('path' as const),
    text: fc.constantFrom('$.a', '$.a.b[1]', '$..b', '$[?@.b]'),
    caseSensitive: fc.boolean(),
  }),
);
const someFilter: fc.Arbitrary<Filter> = fc.record({
  terms: fc.array(someTerm, { maxLength: 2 }),
  types: fc.record({
    names: fc.array(fc.oneof(word, fc.constant('message')), { maxLength: 3 }),
    shown: fc.boolean(),
  }),
  hiddenKinds: fc.subarray(['comment', 'step'] as const),
});

function record(capture: Capture, text: string): void {
  const decoder = new Decoder({
    batch: (batch) => capture.addEvents(0, 1, batch),
    comment: (text) => capture.addComment(0, 1, text),
    retry: () => {},
    dropped: () => {},
  });
  decoder.push(utf8.encode(text));
  capture.addStep(0, 1, { step: 'forced' });
}

function addEvent(capture: Capture, data: string): void {
  capture.addEvent(0, 1, 'message', undefined, utf8.encode(`data: ${data}\n\n`));
}

describe('FilteredView', () => {
  it('has what a look at each decoded record would find, also after more came', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(stream, { minLength: 1, maxLength: 3 }),
        someFilter,
        async (streams, filter) => {
          const capture = new Capture();
          const view = new FilteredView(capture, filter, ports());
          for (const text of streams) {
            record(capture, text);
            await scanned(view, capture);
          }
          const wanted: number[] = [];
          for (let position = 0; position < capture.next; position++) {
            if (shows(filter, capture.at(position) as CaptureRecord)) wanted.push(position);
          }
          expect(positionsOf(view)).toEqual(wanted);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('keeps the index of each record while the oldest leave', async () => {
    const capture = new Capture({ records: 5_000, bytes: 100 * 1024 * 1024 });
    const view = new FilteredView(
      capture,
      { ...noFilter, terms: [term('7')] },
      ports({ monotonic: () => 0 }),
    );
    const known = new Map<number, number>();
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 3_000; i++) addEvent(capture, String(capture.next));
      await scanned(view, capture);
      for (let index = view.first; index < view.next; index++) {
        const position = view.positionAt(index) as number;
        expect(known.get(index) ?? position).toBe(position);
        known.set(index, position);
        expect(view.indexOf(position)).toBe(index);
        expect(view.indexOf(position - 1)).toBeLessThanOrEqual(index);
      }
      const all = Array.from({ length: capture.next - capture.first }, (_, i) => capture.first + i);
      expect(positionsOf(view)).toEqual(all.filter((position) => String(position).includes('7')));
    }
    expect(view.first).toBeGreaterThan(1_000);
    expect(view.positionAt(view.first - 1)).toBeUndefined();
    expect(view.positionAt(view.next)).toBeUndefined();
  });

  it('leaves everything else its turn, rests when told to, and goes on from there', async () => {
    const capture = new Capture();
    for (let i = 0; i < 50_000; i++) addEvent(capture, String(i));
    let pauses = 0;
    const view = new FilteredView(
      capture,
      { ...noFilter, terms: [term('9')] },
      ports({
        pause: async () => {
          pauses++;
          if (pauses === 3) view.rest();
        },
      }),
    );
    view.catchUp();
    expect(view.progress).toBeGreaterThan(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(pauses).toBe(3);
    expect(view.progress).toBeUndefined();
    expect(view.scanned).toBeLessThan(capture.next);
    const before = view.next;
    await scanned(view, capture);
    expect(view.next).toBeGreaterThan(before);
    expect(view.progress).toBeUndefined();
    // A few more are nothing to be told of, however long they take.
    for (let i = 0; i < 1_000; i++) addEvent(capture, String(i));
    view.catchUp();
    expect(view.scanned).toBeLessThan(capture.next);
    expect(view.progress).toBeUndefined();
  });

  it('says how far it is with the first look, however little there is', () => {
    const capture = new Capture();
    for (let i = 0; i < 1_000; i++) addEvent(capture, String(i));
    const view = new FilteredView(capture, { ...noFilter, terms: [term('9')] }, ports());
    view.catchUp();
    expect(view.progress).toBeLessThan(1);
  });

  it('asks the matcher for what kinds, types and texts have left over, in bounded batches', async () => {
    const capture = new Capture();
    for (let i = 0; i < 10_000; i++) addEvent(capture, `${i % 10} ${'x'.repeat(200)}`);
    const sizes: number[] = [];
    const inProcess = matcherInProcess();
    const matcher: ScanPorts['matcher'] = {
      test: (terms, batch) => {
        sizes.push(batch.bytes.length);
        return inProcess.test(terms, batch);
      },
    };
    const filter = { ...noFilter, terms: [term('3 '), term('^\\d x', { mode: 'regex' })] };
    const view = new FilteredView(capture, filter, ports({ matcher, monotonic: () => 0 }));
    await scanned(view, capture);
    expect(view.next).toBe(1_000);
    expect(Math.max(...sizes)).toBeLessThan(257 * 1024);
    expect(sizes.reduce((a, b) => a + b)).toBeLessThan(1_000 * 250);
  });

  it('ends where the matcher does, with what matched before, and says on which event', async () => {
    const capture = new Capture();
    capture.addComment(0, 1, 'hello');
    for (let i = 0; i < 10_000; i++) addEvent(capture, String(i));
    const inProcess = matcherInProcess();
    let batches = 0;
    const matcher: ScanPorts['matcher'] = {
      test: async (terms, batch) => {
        if (++batches === 3) throw new MatchError('slow', 2);
        return inProcess.test(terms, batch);
      },
    };
    const view = new FilteredView(
      capture,
      { ...noFilter, terms: [term('\\d', { mode: 'regex' })] },
      ports({ matcher }),
    );
    await scanned(view, capture);
    expect(view.failure).toEqual({ why: 'slow', number: view.next + 3 });
    const { next } = view;
    addEvent(capture, '1');
    view.catchUp();
    expect(view.next).toBe(next);
    expect(batches).toBe(3);
  });

  it('says how many records were too large to look into', async () => {
    const capture = new Capture();
    addEvent(capture, 'x'.repeat(9 * 1024 * 1024));
    addEvent(capture, 'x');
    const view = new FilteredView(capture, { ...noFilter, terms: [term('x', { mode: 'regex' })] }, ports());
    await scanned(view, capture);
    expect(positionsOf(view)).toEqual([1]);
    expect(view.tooLarge).toBe(1);
  });

  it('tells types apart that the capture keeps no name of', async () => {
    const capture = new Capture();
    const long = 'x'.repeat(300);
    for (const type of [long, `${long}y`])
      capture.addEvent(0, 1, type, undefined, utf8.encode(`event: ${type}\ndata: 1\n\n`));
    const only = new FilteredView(capture, { ...noFilter, types: { names: [long], shown: true } }, ports());
    const found = new FilteredView(capture, { ...noFilter, terms: [term('xy')] }, ports());
    await scanned(only, capture);
    await scanned(found, capture);
    expect(positionsOf(only)).toEqual([0]);
    expect(positionsOf(found)).toEqual([1]);
  });
});
