import { expect, it } from 'vitest';
import { Capture } from '../../../../src/capture/capture.ts';
import { detectFormat } from '../../../../src/capture/formats/detectFormat.ts';
import { har } from '../../../../src/capture/formats/har.ts';
import { ndjson } from '../../../../src/capture/formats/ndjson.ts';
import { sseText } from '../../../../src/capture/formats/sseText.ts';
import { exported, sourceOf } from './captures.ts';

const capture = new Capture();
capture.addEvent(1, 1, 'message', undefined, new TextEncoder().encode('data: a\n\n'));

it.each([
  ['ndjson', ndjson],
  ['har', har],
  ['sse', sseText],
] as const)('knows its own %s by the first bytes, whatever its name', (format, write) => {
  const start = exported(sourceOf(capture), write).subarray(0, 200);
  for (const name of ['x', 'x.json', 'x.txt']) expect(detectFormat(name, start)).toBe(format);
});

it.each([
  ['a.har', '\uFEFF{\n  "log" : {', 'har'],
  ['a.SSE', 'hello', 'sse'],
  ['a.ndjson', '', 'ndjson'],
  ['orders.sse-capture.ndjson', '{"a":1}', 'ndjson'],
  ['a.txt', ':ok\n\nid: 1', 'sse'],
  ['a.txt', 'hello', undefined],
  ['a.html', '<p>\ndata: x', undefined],
  ['a.json', '{"a":\n"data: x"}', undefined],
])('takes %s that begins with %j for %s', (name, start, format) => {
  expect(detectFormat(name, new TextEncoder().encode(start))).toBe(format);
});
