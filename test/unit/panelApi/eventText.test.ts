import { describe, expect, it, vi } from 'vitest';
import { Capture } from '../../../src/capture/capture.ts';
import type { EventRecord } from '../../../src/capture/records.ts';
import { eventText, idOf, previousOfType, typeOf } from '../../../src/panelApi/eventText.ts';

/** A capture of these blocks, each of the type it names, with a comment between them. */
function captureOf(...blocks: string[]): Capture {
  const capture = new Capture();
  for (const block of blocks) {
    const type = /^event: (.*)$/m.exec(block)?.[1] ?? 'message';
    capture.addEvent(0, 1, type, /^id/m.test(block) ? undefined : '7', Buffer.from(block));
    capture.addComment(0, 1, 'between');
  }
  return capture;
}

function eventAt(capture: Capture, position: number): EventRecord {
  const record = capture.at(position);
  if (record?.kind !== 'event') throw new Error('There is no event there.');
  return record;
}

describe('eventText', () => {
  it('breaks JSON into lines and leaves anything else as it is', () => {
    const capture = captureOf('data: {"a":\ndata: 1.0}\n\n', 'data: a\ndata:  b\n\n', 'data\n\n');
    expect(eventText(eventAt(capture, 0))).toEqual({ text: '{\n  "a": 1.0\n}', isJson: true });
    expect(eventText(eventAt(capture, 2))).toEqual({ text: 'a\n b', isJson: false });
    expect(eventText(eventAt(capture, 4))).toEqual({ text: '', isJson: false });
  });
});

describe('previousOfType', () => {
  /** Where the one before the event at a position stands, and how often everything else had its turn meanwhile. */
  async function previous(capture: Capture, position: number) {
    let pauses = 0;
    const found = await previousOfType(capture, eventAt(capture, position), async () => {
      pauses++;
    });
    return { position: found?.position, pauses };
  }

  it('finds the nearest one before, past other types and kinds, and none before the first', async () => {
    const capture = captureOf('event: a\ndata\n\n', 'event: b\ndata\n\n', 'event: a\ndata: 2\n\n');
    expect((await previous(capture, 4)).position).toBe(0);
    expect((await previous(capture, 2)).position).toBeUndefined();
    expect((await previous(capture, 0)).position).toBeUndefined();
  });

  it('tells types apart that are too long to be listed', async () => {
    const [x, y] = ['x'.repeat(300), 'y'.repeat(300)];
    const capture = captureOf(`event: ${x}\ndata\n\n`, `event: ${y}\ndata\n\n`, `event: ${x}\ndata\n\n`);
    expect(typeOf(eventAt(capture, 4))).toBe(x);
    expect((await previous(capture, 4)).position).toBe(0);
  });

  it('reads no event of another type on its way, over segments', async () => {
    const capture = captureOf('event: a\ndata: first\n\n');
    const block = Buffer.from('data: b\n\n');
    const blocks = { bytes: Buffer.concat(Array(10_000).fill(block)), start: 0, count: 10_000 };
    const ends = Array.from({ length: 10_000 }, (_, i) => (i + 1) * block.length);
    capture.addEvents(0, 1, { ...blocks, ends, types: Array(10_000).fill('b'), inheritedIds: [] });
    capture.addEvent(0, 1, 'a', undefined, Buffer.from('event: a\ndata: last\n\n'));
    const event = eventAt(capture, capture.next - 1);
    const at = vi.spyOn(capture, 'at');
    expect(await previousOfType(capture, event, async () => {})).toMatchObject({ position: 0 });
    expect(at).toHaveBeenCalledTimes(1);
  });

  it('lets everything else have its turn while it reads types that are not listed', async () => {
    const others = Array.from(
      { length: 2_000 },
      (_, i) => `event: ${String(i).padStart(300, 'y')}\ndata\n\n`,
    );
    const block = `event: ${'x'.repeat(300)}\ndata\n\n`;
    const capture = captureOf(block, ...others, block);
    const { position, pauses } = await previous(capture, capture.next - 2);
    expect(position).toBe(0);
    expect(pauses).toBeGreaterThan(0);
  });
});

describe('idOf', () => {
  it('is the one that a resume after the event would send', () => {
    const capture = captureOf('id: 9\ndata\n\n', 'data\n\n', 'id\ndata\n\n');
    expect([0, 2, 4].map((position) => idOf(eventAt(capture, position)))).toEqual(['9', '7', '']);
  });
});
