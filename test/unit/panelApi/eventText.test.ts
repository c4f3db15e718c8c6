import { describe, expect, it } from 'vitest';
import { Capture, type EventRecord } from '../../../src/capture/capture.ts';
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
  it('finds the nearest one before, past other types and kinds, and none before the first', () => {
    const capture = captureOf('event: a\ndata\n\n', 'event: b\ndata\n\n', 'event: a\ndata: 2\n\n');
    expect(previousOfType(capture, eventAt(capture, 4))?.position).toBe(0);
    expect(previousOfType(capture, eventAt(capture, 2))).toBeUndefined();
    expect(previousOfType(capture, eventAt(capture, 0))).toBeUndefined();
  });

  it('tells types apart that are too long to be listed', () => {
    const [x, y] = ['x'.repeat(300), 'y'.repeat(300)];
    const capture = captureOf(`event: ${x}\ndata\n\n`, `event: ${y}\ndata\n\n`, `event: ${x}\ndata\n\n`);
    expect(typeOf(eventAt(capture, 4))).toBe(x);
    expect(previousOfType(capture, eventAt(capture, 4))?.position).toBe(0);
  });
});

describe('idOf', () => {
  it('is the one that a resume after the event would send', () => {
    const capture = captureOf('id: 9\ndata\n\n', 'data\n\n', 'id\ndata\n\n');
    expect([0, 2, 4].map((position) => idOf(eventAt(capture, position)))).toEqual(['9', '7', '']);
  });
});
