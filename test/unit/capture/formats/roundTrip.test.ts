import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Redactor } from '../../../../src/base/redaction.ts';
import { Capture } from '../../../../src/capture/capture.ts';
import { csv } from '../../../../src/capture/formats/csv.ts';
import type { ReadableFormat } from '../../../../src/capture/formats/detectFormat.ts';
import { har } from '../../../../src/capture/formats/har.ts';
import { ndjson } from '../../../../src/capture/formats/ndjson.ts';
import { sseText } from '../../../../src/capture/formats/sseText.ts';
import type { CaptureRecord, EventRecord } from '../../../../src/capture/records.ts';
import { captures, eventsIn, exported, read, recordsIn, sourceOf, steps } from './captures.ts';

const utf8 = new TextEncoder();
const chunkSize = fc.constantFrom(1, 7, 4_096);

function eventRecords(capture: Capture): EventRecord[] {
  return recordsIn(capture).filter((record) => record.kind === 'event');
}

function withoutPosition({ position: _, ...record }: CaptureRecord): object {
  return record;
}

describe('a capture', () => {
  it('comes back from NDJSON as it was', () => {
    fc.assert(
      fc.property(captures, chunkSize, (capture, size) => {
        const back = read('ndjson', exported(sourceOf(capture), ndjson), size);
        expect(back.problem).toBeUndefined();
        expect(back.info).toEqual({ ...sourceOf(capture).info, exportedAt: sourceOf(capture).exportedAt });
        expect(recordsIn(back.capture)).toEqual(recordsIn(capture));
        expect(back.capture).toMatchObject({ events: capture.events, next: capture.next });
      }),
    );
  });

  it('comes back from NDJSON with the places and numbers it had when older records had gone', () => {
    const capture = new Capture({ records: 3_000, bytes: 1e9 });
    for (let i = 0; i < 10_000; i++) capture.addEvent(i, 1, 'message', 'a', utf8.encode(`data: ${i}\n\n`));
    expect(capture.first).toBeGreaterThan(0);
    const back = read('ndjson', exported(sourceOf(capture), ndjson)).capture;
    expect(recordsIn(back)).toEqual(recordsIn(capture));
    expect(back).toMatchObject({ first: capture.first, next: 10_000, events: 10_000 });
  });

  it('comes back from NDJSON with the numbers of those that were chosen', () => {
    const capture = new Capture();
    for (let i = 0; i < 100; i++) capture.addEvent(i, 1, 'message', undefined, utf8.encode(`data: ${i}\n\n`));
    const positions = [3, 50, 51, 99];
    const back = read('ndjson', exported(sourceOf(capture, { positions }), ndjson));
    expect(back.problem).toBeUndefined();
    expect(recordsIn(back.capture).map(withoutPosition)).toEqual(
      positions.map((position) => withoutPosition(capture.at(position) as CaptureRecord)),
    );
    expect(back.capture.first).toBe(0);
  });

  it('comes back from NDJSON with steps of every kind', () => {
    const capture = new Capture();
    for (const step of steps) capture.addStep(1, 1, step);
    expect(recordsIn(read('ndjson', exported(sourceOf(capture), ndjson)).capture)).toEqual(
      recordsIn(capture),
    );
  });

  it.each([
    ['control characters', '\u0001'.repeat(4_000_000)],
    ['bytes that are no text', Buffer.alloc(7_500_000, 0xff)],
    ['quotes', '"'.repeat(11_000_000)],
  ])('comes back from NDJSON with an event of megabytes of %s', (_, data) => {
    const capture = new Capture();
    capture.addEvent(
      1,
      1,
      'message',
      'an id',
      Buffer.concat([Buffer.from('data:'), Buffer.from(data), Buffer.from('\n\n')]),
    );
    const back = read('ndjson', exported(sourceOf(capture), ndjson), 65_536);
    expect(back.problem).toBeUndefined();
    const [before, after] = [eventRecords(capture)[0], eventRecords(back.capture)[0]];
    expect(Buffer.compare(before?.block ?? Buffer.of(), after?.block ?? Buffer.of())).toBe(0);
    expect(after?.inheritedId).toBe('an id');
  });

  it('comes back from .sse with the same events, bytes and attempts', () => {
    fc.assert(
      fc.property(captures, chunkSize, (capture, size) => {
        const file = exported(sourceOf(capture), sseText);
        if (file.length === 0) return;
        const back = read('sse', file, size);
        expect(back.problem).toBeUndefined();
        expect(back.info.hasTimes).toBe(false);
        expect(eventsIn(back.capture)).toEqual(eventsIn(capture));
        const exact = ({ attempt, block }: EventRecord) => ({
          attempt,
          block: Buffer.from(block).toString('latin1'),
        });
        expect(eventRecords(back.capture).map(exact)).toEqual(eventRecords(capture).map(exact));
      }),
    );
  });

  it('comes back from HAR with the same events, attempts and times to the millisecond', () => {
    fc.assert(
      fc.property(captures, chunkSize, (capture, size) => {
        const back = read('har', exported(sourceOf(capture), har), size);
        if (eventRecords(capture).length === 0) return;
        expect(back.problem).toBeUndefined();
        expect(eventsIn(back.capture)).toEqual(eventsIn(capture));
        const exact = ({ time, attempt, block }: EventRecord) => ({
          time: Math.round(time),
          attempt,
          block: Buffer.from(block).toString('latin1'),
        });
        expect(eventRecords(back.capture).map(exact)).toEqual(eventRecords(capture).map(exact));
        expect(back.info).toMatchObject({ connection: 'orders', method: 'GET', hasTimes: true });
      }),
    );
  });

  it.each(['data: ', 'event: ', 'id: ', '', ': '])(
    'keeps lengths where a credential behind "%s" is masked, which is in no file',
    (field) => {
      const secret = 'sé/"c:rét-1';
      const redactor = new Redactor();
      redactor.add(secret);
      const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
      const files = { ndjson, sse: sseText, har };
      for (const form of forms) {
        const capture = new Capture();
        const block = utf8.encode(`x: y\n${field}a${form}b\r\ndata: x\n\n`);
        capture.addEvent(1, 1, 'message', field === 'id: ' ? undefined : `<${form}>`, block);
        capture.addComment(2, 1, form);
        const source = sourceOf(capture, { redactor });
        for (const [name, format] of Object.entries(files)) {
          const file = exported(source, format);
          for (const hidden of [...forms, JSON.stringify(forms[2])])
            expect(file.toString()).not.toContain(hidden);
          const [event] = eventRecords(read(name as ReadableFormat, file).capture);
          expect(event?.block.length).toBe(block.length);
          const masked = `${field}a${'*'.repeat(Buffer.byteLength(form))}b\r\n`;
          expect(Buffer.from(event?.block ?? []).toString()).toContain(masked);
        }
        expect(exported(source, csv).toString()).not.toContain(form.replaceAll('"', '""'));
      }
    },
  );
});
