import { describe, expect, it } from 'vitest';
import { Redactor } from '../../../../src/base/redaction.ts';
import { Capture } from '../../../../src/capture/capture.ts';
import { har } from '../../../../src/capture/formats/har.ts';
import { ndjson } from '../../../../src/capture/formats/ndjson.ts';
import { NdjsonReader } from '../../../../src/capture/formats/ndjsonReader.ts';
import type { Step } from '../../../../src/sse/steps.ts';
import { exported, open, read, recordsIn, sourceOf } from './captures.ts';

const utf8 = new TextEncoder();

function sample(): Capture {
  const capture = new Capture();
  capture.addStep(1_000, 1, { step: 'forced' });
  capture.addEvent(1_010, 1, 'price', undefined, utf8.encode('event: price\nid: 7\ndata: {"usd":1}\n\n'));
  capture.addEvent(1_020, 1, 'message', '7', utf8.encode('data:a\ndata:b\r\n\n'), { offsets: [4], count: 2 });
  capture.addEvent(1_030, 2, 'message', undefined, Uint8Array.from([...utf8.encode('data: '), 0xff, 10, 10]));
  capture.addComment(1_040, 2, 'ping');
  return capture;
}

const lines = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('NDJSON', () => {
  it('has a line for each record, with the data of an event as it is', () => {
    expect(lines(exported(sourceOf(sample()), ndjson).toString())).toEqual([
      {
        kind: 'header',
        format: 'sse-capture',
        version: 1,
        connection: 'orders',
        method: 'GET',
        url: 'https://api.example/events?token=•••',
        exportedAt: '2026-01-31T09:00:00.000Z',
        times: true,
        first: 0,
        records: 5,
      },
      { kind: 'step', time: 1_000, attempt: 1, step: { step: 'forced' } },
      { kind: 'event', number: 1, time: 1_010, attempt: 1, type: 'price', id: '7', data: '{"usd":1}' },
      {
        kind: 'event',
        number: 2,
        time: 1_020,
        attempt: 1,
        type: 'message',
        data: 'a\nb',
        id: '7',
        inherited: true,
        raw: 'data:a\ndata:b\r\n\n',
        chunks: [4],
      },
      {
        kind: 'event',
        number: 3,
        time: 1_030,
        attempt: 2,
        type: 'message',
        data: '\uFFFD',
        rawBase64: 'ZGF0YTog/woK',
      },
      { kind: 'comment', time: 1_040, attempt: 2, text: 'ping' },
      { kind: 'end', records: 5 },
    ]);
  });
});

it('NDJSON masks also what steps have of a server’s words, and nothing of their own', () => {
  const redactor = new Redactor();
  for (const secret of ['hunter22', 'oddity', 'unknownField']) redactor.add(secret);
  const capture = new Capture();
  capture.addStep(1, 1, { step: 'oddity', oddity: { kind: 'unknownField', field: 'x-hunter22' }, at: 0 });
  capture.addStep(1, 1, { ...open, lastEventId: 'hunter22' } as Step);
  const back = read('ndjson', exported(sourceOf(capture, { redactor }), ndjson));
  expect(recordsIn(back.capture)).toMatchObject([
    { step: { step: 'oddity', oddity: { kind: 'unknownField', field: 'x-********' } } },
    { step: { ...open, lastEventId: '********' } },
  ]);
  expect(exported(sourceOf(capture, { redactor }), har).toString()).not.toContain('hunter22');
});

describe('reading NDJSON', () => {
  const [header = '', ...rest] = exported(sourceOf(sample()), ndjson).toString().trimEnd().split('\n');
  const event = '{"kind":"event","number":1,"time":1,"attempt":1,"type":"message","data":"a"}';
  const broken = (line: string) =>
    read('ndjson', `${header}\n${event}\n${line}\n{"kind":"end","records":2}\n`);

  it('takes what a person has written: data without its bytes, any line end, blank lines', () => {
    const back = read('ndjson', `${header}\r\n\n${event}\r\n{"kind":"end"}`);
    expect(back.problem).toBeUndefined();
    expect(recordsIn(back.capture)).toMatchObject([{ type: 'message', block: utf8.encode('data: a\n\n') }]);
  });

  it('says where the file was cut off, and has what stands before', () => {
    const whole = [header, ...rest].join('\n');
    const afterTwo = `${header}\n${rest[0]}\n${rest[1]}\n`;
    const inThird = read('ndjson', whole.slice(0, afterTwo.length + 20));
    expect(inThird.problem).toEqual({ reason: 'truncated', line: 4, byte: Buffer.byteLength(afterTwo) });
    expect(inThird.capture.next).toBe(2);
    expect(read('ndjson', afterTwo)).toMatchObject({ problem: { reason: 'truncated', line: 4 } });
    // In the middle of a character.
    const cut = Buffer.from(`${afterTwo}{"kind":"comment","text":"é`).subarray(0, -1);
    expect(read('ndjson', cut)).toMatchObject({ problem: { reason: 'truncated', line: 4 } });
  });

  it.each([
    ['no JSON', '{"kind":', { reason: 'json' }],
    ['no object', '[1]', { reason: 'value', field: 'kind' }],
    ['null', 'null', { reason: 'value', field: 'kind' }],
    ['an unknown kind', '{"kind":"x"}', { reason: 'value', field: 'kind' }],
    ['a kind by inheritance', '{"__proto__":{"kind":"end"}}', { reason: 'value', field: 'kind' }],
    ['no time', event.replace('1,"time":1', '2'), { reason: 'value', field: 'time' }],
    ['a number that was there', event, { reason: 'value', field: 'number' }],
    ['a huge number', event.replace('"number":1', '"number":1e99'), { reason: 'value', field: 'number' }],
    [
      'an endless time',
      '{"kind":"comment","time":1e999,"attempt":1,"text":""}',
      { reason: 'value', field: 'time' },
    ],
    [
      'a text for a time',
      '{"kind":"comment","time":"1","attempt":1,"text":""}',
      { reason: 'value', field: 'time' },
    ],
    [
      'half an attempt',
      '{"kind":"comment","time":1,"attempt":0.5,"text":""}',
      { reason: 'value', field: 'attempt' },
    ],
    ['no text', '{"kind":"comment","time":1,"attempt":1,"text":{}}', { reason: 'value', field: 'text' }],
    [
      'bytes that aren’t base64',
      '{"kind":"event","number":2,"time":1,"attempt":1,"rawBase64":"%"}',
      { reason: 'value', field: 'rawBase64' },
    ],
    ['two events', '{"kind":"event","raw":"data: a\\n\\ndata: b\\n\\n"}', { reason: 'value', field: 'raw' }],
    ['half an event', '{"kind":"event","raw":"data: a\\n"}', { reason: 'value', field: 'raw' }],
    [
      'a line end in a type',
      '{"kind":"event","type":"a\\ndata: b","data":"c"}',
      { reason: 'value', field: 'type' },
    ],
    ['a line end in data', '{"kind":"event","type":"a","data":"b\\rc"}', { reason: 'value', field: 'data' }],
    [
      'a line end in an id',
      '{"kind":"event","number":2,"time":1,"attempt":1,"type":"a","data":"b","id":"\\n\\ndata: x","inherited":true}',
      { reason: 'value', field: 'id' },
    ],
    [
      'a chunk outside of the event',
      '{"kind":"event","number":2,"time":1,"attempt":1,"type":"a","data":"b","chunks":[99]}',
      { reason: 'value', field: 'chunks' },
    ],
    [
      'a step of no kind',
      '{"kind":"step","time":1,"attempt":1,"step":{"step":"x"}}',
      { reason: 'value', field: 'step' },
    ],
    [
      'a step without its head',
      '{"kind":"step","time":1,"attempt":1,"step":{"step":"open","cause":"connect"}}',
      { reason: 'value', field: 'step' },
    ],
    [
      'a step that lasts for ever',
      '{"kind":"step","time":1,"attempt":1,"step":{"step":"waiting","until":1e300,"ms":1,"cause":{"kind":"wake"}}}',
      { reason: 'value', field: 'step' },
    ],
    ['nesting', `{"kind":"comment","x":${'['.repeat(1_000_000)}`, { reason: 'nesting' }],
    ['a million values', `{"kind":"comment","x":[${'{},'.repeat(1_000_000)}0]}`, { reason: 'nesting' }],
  ])('stops at %s, and has what stands before', (_, line, problem) => {
    const back = broken(line);
    expect(back.problem).toEqual({ ...problem, line: 3, byte: Buffer.byteLength(`${header}\n${event}\n`) });
    expect(back.capture.next).toBe(1);
  });

  it('drops what it doesn’t know of a step, and keeps the rest', () => {
    const step = { ...open, extra: { deep: 1 }, __proto__: { polluted: 1 } };
    const line = JSON.stringify({ kind: 'step', time: 1, attempt: 1, step });
    expect(recordsIn(read('ndjson', `${header}\n${line}\n`).capture)).toMatchObject([{ step: open }]);
    expect({}).not.toHaveProperty('polluted');
  });

  it.each([
    ['', 'empty'],
    ['\n\n', 'empty'],
    ['{"a":1}\n', 'notACapture'],
    ['data: x\n\n', 'notACapture'],
    ['\u{1F600}', 'notACapture'],
    [header.replace('"version":1', '"version":2'), 'newerVersion'],
    [header.replace('"first":0', '"first":-1'), 'value'],
  ])('knows %j for what it is: %s', (file, reason) => {
    expect(read('ndjson', file)).toMatchObject({ problem: { reason }, capture: { next: 0 } });
  });

  it('holds no line longer than it may be, however long it goes on', () => {
    const capture = new Capture();
    const reader = new NdjsonReader(capture, 1_000_000);
    reader.push(utf8.encode(`${header}\n${event}\n`));
    const piece = new Uint8Array(100_000).fill(0x61);
    let pushed = 0;
    while (reader.push(piece)) pushed++;
    expect(pushed).toBe(10);
    expect(reader.end().problem).toMatchObject({ reason: 'lineTooLong', line: 3 });
    expect(capture.next).toBe(1);
  });

  it('is bounded by the capture: the oldest leave', () => {
    const file = [header];
    for (let i = 1; i <= 20_000; i++) file.push(event.replace('"number":1', `"number":${i}`));
    file.push('{"kind":"end"}');
    const capture = new Capture({ records: 5_000, bytes: 1e9 });
    const reader = new NdjsonReader(capture);
    reader.push(utf8.encode(file.join('\n')));
    expect(reader.end().problem).toBeUndefined();
    expect(capture).toMatchObject({ next: 20_000, events: 20_000 });
    expect(capture.next - capture.first).toBeLessThanOrEqual(5_000);
  });
});
