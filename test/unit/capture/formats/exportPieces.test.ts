import { describe, expect, it } from 'vitest';
import { Capture } from '../../../../src/capture/capture.ts';
import { csv } from '../../../../src/capture/formats/csv.ts';
import { har } from '../../../../src/capture/formats/har.ts';
import { ndjson } from '../../../../src/capture/formats/ndjson.ts';
import { exportPieces, recordCount } from '../../../../src/capture/formats/source.ts';
import { sseText } from '../../../../src/capture/formats/sseText.ts';
import { eventsIn, exported, read, sourceOf } from './captures.ts';

const utf8 = new TextEncoder();

function filled(count: number, limits = { records: 1e6, bytes: 1e9 }): Capture {
  const capture = new Capture(limits);
  for (let i = 0; i < count; i++) {
    capture.addEvent(i, 1, 'message', undefined, utf8.encode(`data: ${i} ${'x'.repeat(200)}\n\n`));
    if (i % 10 === 0) capture.addComment(i, 1, 'ping');
  }
  return capture;
}

describe.each([
  ['ndjson', ndjson],
  ['sse', sseText],
  ['har', har],
  ['csv', csv],
] as const)('a file in pieces: %s', (_, format) => {
  it('comes in small ones that say how far it is', () => {
    const source = sourceOf(filled(5_000));
    const pieces = [...exportPieces(source, format)];
    expect(Math.max(...pieces.map(({ bytes }) => bytes.length))).toBeLessThan(70_000);
    const records = pieces.map(({ records }) => records);
    expect(records).toEqual(records.toSorted((a, b) => a - b));
    expect(records.at(-1)).toBe(recordCount(source));
  });

  it('is in no hurry: a long search through what brings nothing is interrupted, too', () => {
    const capture = new Capture({ records: 1e6, bytes: 1e9 });
    for (let i = 0; i < 10_000; i++) capture.addStep(i, 1, { step: 'forced' });
    expect([...exportPieces(sourceOf(capture), format)].length).toBeGreaterThan(10);
  });

  it('leaves out what is evicted under its hands', () => {
    const capture = filled(5_000, { records: 5_500, bytes: 1e9 });
    const pieces = exportPieces(sourceOf(capture), format);
    pieces.next();
    for (let i = 0; i < 20_000; i++) capture.addEvent(i, 2, 'later', undefined, utf8.encode('data: y\n\n'));
    const rest = Buffer.concat([...pieces].map(({ bytes }) => bytes)).toString();
    expect(rest).not.toContain('later');
    expect(rest).not.toContain('data: 4999 ');
  });
});

describe('what is exported', () => {
  const numbers = (source: Parameters<typeof exported>[0]) =>
    eventsIn(read('sse', exported(source, sseText)).capture).map(({ data }) => Number.parseInt(data, 10));
  const capture = new Capture();
  for (let i = 0; i < 10; i++) capture.addEvent(i, 1, 'message', undefined, utf8.encode(`data: ${i}\n\n`));

  it('is a range of positions, or some of them', () => {
    expect(numbers(sourceOf(capture, { from: 3, to: 6 }))).toEqual([3, 4, 5]);
    expect(numbers(sourceOf(capture, { from: -5, to: 99 }))).toHaveLength(10);
    expect(numbers(sourceOf(capture, { from: 8, to: 2 }))).toEqual([]);
    expect(numbers(sourceOf(capture, { positions: Uint32Array.of(1, 7, 9) }))).toEqual([1, 7, 9]);
    expect(numbers(sourceOf(capture, { positions: [] }))).toEqual([]);
  });
});
