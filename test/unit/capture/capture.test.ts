import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Capture } from '../../../src/capture/capture.ts';

const utf8 = new TextEncoder();
const MiB = 1024 * 1024;

function fill(capture: Capture, count: number, size = 10): void {
  for (let i = 0; i < count; i++) capture.addEvent(i, 1, 'message', undefined, new Uint8Array(size));
}

describe('Capture', () => {
  it('gives back what was put in, by a position that never changes', () => {
    const capture = new Capture();
    capture.addStep(1, 1, { step: 'forced' });
    capture.addEvent(2, 1, 'tick', 'id-1', utf8.encode('event: tick\ndata: é\n\n'));
    capture.addComment(3, 2, 'ping ✓');
    capture.addEvent(4, 2, 'message', undefined, utf8.encode('data\n\n'));
    capture.addStep(5, 2, { step: 'dropped', bytes: 9, bound: 'lines' });
    expect(capture).toMatchObject({ first: 0, next: 5, events: 2 });
    expect(capture.at(0)).toEqual({
      position: 0,
      time: 1,
      attempt: 1,
      kind: 'step',
      step: { step: 'forced' },
    });
    expect(capture.at(1)).toEqual({
      position: 1,
      time: 2,
      attempt: 1,
      kind: 'event',
      number: 1,
      type: 'tick',
      inheritedId: 'id-1',
      block: utf8.encode('event: tick\ndata: é\n\n'),
      chunkCount: 1,
      chunks: [],
    });
    expect(capture.at(2)).toEqual({ position: 2, time: 3, attempt: 2, kind: 'comment', text: 'ping ✓' });
    expect(capture.at(3)).toMatchObject({
      number: 2,
      inheritedId: undefined,
      block: utf8.encode('data\n\n'),
    });
    expect(capture.at(4)).toMatchObject({ step: { step: 'dropped', bytes: 9 } });
    for (const nowhere of [-1, 5]) expect(capture.at(nowhere)).toBeUndefined();
  });

  it('keeps a byte order mark at the start of a text', () => {
    const capture = new Capture();
    capture.addComment(1, 1, '\uFEFFa');
    expect(capture.at(0)).toMatchObject({ text: '\uFEFFa' });
  });

  it('can begin at a position, and go on with a number, but never go back', () => {
    const capture = new Capture();
    capture.startAt(100);
    expect(capture).toMatchObject({ first: 100, next: 100 });
    capture.skipTo(41);
    fill(capture, 1);
    capture.startAt(500);
    capture.skipTo(7);
    fill(capture, 1);
    expect(capture).toMatchObject({ first: 100, next: 102, events: 43 });
    expect(capture.at(99)).toBeUndefined();
    expect(capture.at(100)).toMatchObject({ position: 100, number: 42 });
    expect(capture.at(101)).toMatchObject({ position: 101, number: 43 });
  });

  it('keeps its own copy of a block', () => {
    const capture = new Capture();
    const block = utf8.encode('data: a\n\n');
    capture.addEvent(0, 1, 'message', undefined, block);
    block.fill(0);
    expect(capture.at(0)).toMatchObject({ block: utf8.encode('data: a\n\n') });
  });

  it('finds every record over many segments', () => {
    const capture = new Capture();
    for (let i = 0; i < 10_000; i++)
      capture.addEvent(i, i >> 10, `type-${i % 7}`, undefined, utf8.encode(`data: ${i}\n\n`));
    for (let i = 0; i < 10_000; i += 7) {
      expect(capture.at(i)).toMatchObject({
        number: i + 1,
        time: i,
        attempt: i >> 10,
        type: `type-${i % 7}`,
        block: utf8.encode(`data: ${i}\n\n`),
      });
    }
  });

  it('keeps of a batch what it keeps of its events one by one, over segments and limits', () => {
    const event = fc.record({
      size: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 700_000 })),
      times: fc.integer({ min: 1, max: 900 }),
      type: fc.constantFrom('message', 'tick', 'tock'),
      inheritedId: fc.constantFrom(undefined, undefined, '1', '2'),
    });
    fc.assert(
      fc.property(fc.array(fc.array(event, { minLength: 1, maxLength: 5 }), { maxLength: 6 }), (batches) => {
        const limits = { records: 3_000, bytes: 3 * MiB };
        const batched = new Capture(limits);
        const single = new Capture(limits);
        for (const batch of batches) {
          // Large ones once: a hundred of them say nothing new.
          const events = batch.flatMap((one) => new Array(one.size > 40 ? 1 : one.times).fill(one));
          const size = events.reduce((sum, { size }) => sum + size, 1);
          const bytes = Buffer.alloc(size, 'abcdefghijk');
          let end = 1;
          const ends = events.map(({ size }) => {
            end += size;
            return end;
          });
          events.forEach(({ type, inheritedId }, i) => {
            single.addEvent(7, 2, type, inheritedId, bytes.subarray(ends[i - 1] ?? 1, ends[i]));
          });
          const types = events.map(({ type }) => type);
          const inheritedIds = events.map(({ inheritedId }) => inheritedId);
          batched.addEvents(7, 2, { bytes, start: 1, count: events.length, ends, types, inheritedIds });
        }
        expect(batched).toMatchObject({ next: single.next, events: single.events });
        const shown = (capture: Capture, position: number) =>
          JSON.stringify(capture.at(position), (key, value) =>
            key === 'block' ? Buffer.from(value).toString('latin1').slice(0, 100) + value.length : value,
          );
        for (const capture of [batched, single]) expect(capture.at(capture.first - 1)).toBeUndefined();
        const first = Math.max(batched.first, single.first);
        expect(batched.next - first).toBeGreaterThanOrEqual(Math.min(batched.next, 1));
        for (let position = first; position < batched.next; position++) {
          if (shown(batched, position) !== shown(single, position))
            expect(shown(batched, position)).toBe(shown(single, position));
        }
      }),
      { numRuns: 20 },
    );
  });

  it('lets the oldest go when there are too many, and keeps the positions of the rest', () => {
    const capture = new Capture({ records: 5_000, bytes: 100 * MiB });
    fill(capture, 20_000);
    const kept = capture.next - capture.first;
    expect(capture).toMatchObject({ next: 20_000, events: 20_000 });
    expect(kept).toBeLessThanOrEqual(5_000);
    expect(kept).toBeGreaterThan(5_000 - 2_048);
    expect(capture.at(capture.first - 1)).toBeUndefined();
    expect(capture.at(capture.first)).toMatchObject({ number: capture.first + 1, time: capture.first });
  });

  it('lets the oldest go when they take too much', () => {
    const capture = new Capture({ records: 1_000_000, bytes: 4 * MiB });
    fill(capture, 1_000, 100 * 1024);
    expect(capture.bytes).toBeLessThanOrEqual(4 * MiB);
    expect(capture.first).toBeGreaterThan(900);
    expect(capture.at(999)).toMatchObject({ number: 1_000 });
  });

  it('always has the newest record, also one larger than the bound', () => {
    const capture = new Capture({ records: 10, bytes: 1_000 });
    fill(capture, 5);
    const big = new Uint8Array(3 * MiB).fill(7);
    capture.addEvent(9, 1, 'message', undefined, big);
    expect(capture.first).toBe(5);
    const record = capture.at(5);
    expect(record?.kind === 'event' && Buffer.compare(record.block, big)).toBe(0);
    fill(capture, 1);
    expect(capture.first).toBe(6);
    expect(capture.bytes).toBeLessThan(10_000);
  });

  it('counts what it takes: bytes, a little for each record, and inherited ids', () => {
    const capture = new Capture();
    fill(capture, 10_000, 200);
    expect(capture.bytes / 10_000).toBeGreaterThan(200);
    expect(capture.bytes / 10_000).toBeLessThan(300);
    const before = capture.bytes;
    for (let i = 0; i < 100; i++)
      capture.addEvent(0, 1, 'message', `${i}`.padEnd(10_000, 'x'), new Uint8Array(1));
    expect(capture.bytes - before).toBeGreaterThan(100 * 20_000);
  });

  it('counts what chunk boundaries take', () => {
    const capture = new Capture();
    fill(capture, 10);
    const before = capture.bytes;
    const offsets = Array.from({ length: 1_000 }, (_, i) => i + 1);
    for (let i = 0; i < 10; i++)
      capture.addEvent(0, 1, 'message', undefined, new Uint8Array(1), { offsets, count: 1_001 });
    expect(capture.bytes - before).toBeGreaterThan(10 * 8_000);
    capture.addLineFeed(true);
    expect(capture.at(19)).toMatchObject({ chunkCount: 1_002, chunks: offsets });
    expect(capture.bytes - before).toBeLessThan(10 * 10_000);
  });

  it('adds a line feed to no record but the last', () => {
    const capture = new Capture();
    capture.addLineFeed(true);
    capture.addEvent(0, 1, 'message', undefined, utf8.encode('data\r\n\r'));
    capture.addComment(0, 1, 'a');
    capture.addLineFeed(true);
    expect(capture.at(0)).toMatchObject({ block: utf8.encode('data\r\n\r'), chunkCount: 1 });
    expect(capture.at(1)).toMatchObject({ text: 'a' });
  });

  it('is bounded also where all of it is inherited ids', () => {
    const capture = new Capture({ records: 100_000, bytes: 8 * MiB });
    for (let i = 0; i < 5_000; i++)
      capture.addEvent(0, 1, 'message', `${i}`.padEnd(10_000, 'x'), new Uint8Array(1));
    let held = 0;
    for (let position = capture.first; position < capture.next; position++) {
      const record = capture.at(position);
      if (record?.kind === 'event') held += (record.inheritedId?.length ?? 0) * 2;
    }
    // The segment under work always stays.
    expect(held).toBeLessThan(2_048 * 20_000 + 8 * MiB);
    expect(capture.bytes).toBeGreaterThanOrEqual(held);
    expect(capture.first).toBeGreaterThan(0);
  });

  it('counts an id that is inherited again and again once', () => {
    const capture = new Capture();
    const id = 'x'.repeat(1_000);
    for (let i = 0; i < 1_000; i++) capture.addEvent(0, 1, 'message', id, new Uint8Array(1));
    expect(capture.bytes).toBeLessThan(1_000 * 100 + 2_000 + 10_000);
    expect(capture.at(999)).toMatchObject({ inheritedId: id });
  });

  it('knows a thousand types by name and leaves more, and long ones, to the block', () => {
    const capture = new Capture();
    for (let i = 0; i < 1_200; i++) capture.addEvent(0, 1, `type-${i}`, undefined, new Uint8Array(1));
    capture.addEvent(0, 1, 'x'.repeat(257), undefined, new Uint8Array(1));
    capture.addEvent(0, 1, 'type-5', undefined, new Uint8Array(1));
    const typeAt = (position: number) => {
      const record = capture.at(position);
      return record?.kind === 'event' ? record.type : undefined;
    };
    expect([typeAt(0), typeAt(999), typeAt(1_000), typeAt(1_199), typeAt(1_200), typeAt(1_201)]).toEqual([
      'type-0',
      'type-999',
      '',
      '',
      '',
      'type-5',
    ]);
  });

  it('knows when the event before a record came, over other records', () => {
    const capture = new Capture();
    capture.addEvent(100, 1, 'message', undefined, new Uint8Array(1));
    capture.addComment(150, 1, 'a');
    capture.addEvent(200, 1, 'message', undefined, new Uint8Array(1));
    expect([0, 1, 2, 3].map((position) => capture.previousEventTime(position))).toEqual([
      undefined,
      100,
      100,
      200,
    ]);
    for (let i = 0; i < 1_001; i++) capture.addComment(0, 1, '');
    expect(capture.previousEventTime(capture.next)).toBeUndefined();
  });

  it('is empty once it is cleared, and goes on with its positions and numbers', () => {
    const capture = new Capture();
    for (let i = 0; i < 3_000; i++) capture.addEvent(i, 1, 'a', undefined, Buffer.from('data\n\n'));
    capture.clear();
    expect([capture.first, capture.next, capture.cleared, capture.bytes]).toEqual([3_000, 3_000, 3_000, 0]);
    expect(capture.at(2_999)).toBeUndefined();
    capture.addLineFeed(true);
    capture.addEvent(1, 1, 'a', undefined, Buffer.from('data\n\n'));
    expect(capture.at(3_000)).toMatchObject({ kind: 'event', number: 3_001, type: 'a' });
    expect(capture.first).toBe(3_000);
    expect(capture.cleared).toBe(3_000);
    expect(capture.events).toBe(3_001);
  });

  it('counts the events that clearing would lose: neither evicted nor exported', () => {
    const capture = new Capture({ records: 2_500, bytes: 10_000_000 });
    const event = () => capture.addEvent(0, 1, 'a', undefined, Buffer.from('data\n\n'));
    capture.addComment(0, 1, 'x');
    expect(capture.unsaved).toBe(0);
    for (let i = 0; i < 10; i++) event();
    expect(capture.unsaved).toBe(10);
    capture.exportedUpTo = capture.next;
    expect(capture.unsaved).toBe(0);
    capture.addComment(0, 1, 'x');
    expect(capture.unsaved).toBe(0);
    for (let i = 0; i < 5; i++) event();
    expect(capture.unsaved).toBe(5);
    for (let i = 0; i < 5_000; i++) event();
    expect(capture.first).toBeGreaterThan(0);
    expect(capture.unsaved).toBe(capture.next - capture.first);
    capture.clear();
    expect(capture.unsaved).toBe(0);
  });
});
