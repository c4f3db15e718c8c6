import Ajv from 'ajv';
import draft06 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' };
import addFormats from 'ajv-formats';
import fc from 'fast-check';
// @ts-expect-error It has no types.
import schemas from 'har-schema';
import { describe, expect, it } from 'vitest';
import { Capture } from '../../../../src/capture/capture.ts';
import { har } from '../../../../src/capture/formats/har.ts';
import { HarReader } from '../../../../src/capture/formats/harReader.ts';
import type { Step } from '../../../../src/sse/steps.ts';
import { captures, eventsIn, exported, head, open, read, recordsIn, sourceOf } from './captures.ts';

const utf8 = new TextEncoder();
const ajv = new Ajv({ strict: false });
ajv.addMetaSchema(draft06);
addFormats.default(ajv);
for (const schema of Object.values(schemas as Record<string, object>)) ajv.addSchema(schema);

/** What is wrong with a HAR by its schema. */
function faults(file: Buffer): unknown {
  ajv.validate('har.json#', JSON.parse(file.toString()));
  return ajv.errors ?? [];
}

const request = {
  time: 999,
  method: 'POST',
  url: 'https://api.example/events?a=b',
  headers: [['Authorization', '•••']],
  body: '{"q":1}',
  bodyBytes: 7,
} as const;

function sample(): Capture {
  const capture = new Capture();
  const redirect: Step = {
    step: 'redirect',
    head: { ...head, status: 307 },
    from: 'https://api.example/events',
    to: 'https://api.example/moved',
    browser: { do: 'follow' },
  };
  capture.addStep(1_000, 1, redirect);
  capture.addStep(1_100, 2, { ...open, request, lastEventId: 'é1' } as Step);
  capture.addEvent(1_110, 2, 'price', undefined, utf8.encode('event: price\nid: 7\ndata: {"usd":1}\n\n'));
  capture.addComment(1_120, 2, 'ping');
  capture.addEvent(1_150, 2, 'message', '7', utf8.encode('data: a\r\n\r\n'));
  capture.addStep(1_200, 2, {
    step: 'ended',
    end: { kind: 'end' },
    wasOpen: true,
    openMs: 100,
    browser: { do: 'stop' },
  });
  capture.addStep(2_000, 3, {
    step: 'answer',
    head: { ...head, status: 401 },
    body: 'no',
    browser: { do: 'stop' },
  });
  const end = {
    kind: 'error',
    error: 'refused',
    code: 'ECONNREFUSED',
    message: 'connect ECONNREFUSED',
  } as const;
  capture.addStep(3_000, 4, { step: 'ended', end, wasOpen: false, openMs: 0, browser: { do: 'stop' } });
  capture.addStep(4_000, 5, { ...open, lastEventId: 'é1' } as Step);
  capture.addEvent(4_001, 5, 'message', 'é1', Uint8Array.from([...utf8.encode('data: '), 0xff, 10, 10]));
  return capture;
}

describe('HAR', () => {
  it('is one by its schema, whatever is in it', () => {
    fc.assert(
      fc.property(captures, (capture) => {
        expect(faults(exported(sourceOf(capture), har))).toEqual([]);
      }),
    );
    expect(faults(exported(sourceOf(sample()), har))).toEqual([]);
  });

  it('has an entry for each request: what was sent, what was answered, and why nothing was', () => {
    const { log } = JSON.parse(exported(sourceOf(sample()), har).toString());
    expect(log).toMatchObject({ creator: { name: 'SSE Debugger', version: '0.1.0' }, _connection: 'orders' });
    expect(log.entries).toMatchObject([
      {
        _attempt: 1,
        request: { method: 'GET', url: 'https://api.example/events' },
        response: { status: 307, redirectURL: 'https://api.example/moved' },
      },
      {
        _attempt: 2,
        startedDateTime: '1970-01-01T00:00:00.999Z',
        serverIPAddress: '2001:db8::1',
        time: 70.5,
        timings: { dns: 1.25, connect: 5.5, ssl: 3.5, wait: 13.75, receive: 50 },
        request: {
          method: 'POST',
          url: 'https://api.example/events?a=b',
          queryString: [{ name: 'a', value: 'b' }],
          headers: [{ name: 'Authorization', value: '•••' }],
          bodySize: 7,
          postData: { text: '{"q":1}' },
        },
        response: {
          status: 200,
          content: {
            mimeType: 'text/event-stream',
            text: 'event: price\nid: 7\ndata: {"usd":1}\n\n: ping\ndata: a\r\n\r\n',
          },
        },
        _eventSourceMessages: [
          { time: 1.11, eventName: 'price', eventId: '7', data: '{"usd":1}' },
          { time: 1.15, eventName: 'message', eventId: '7', data: 'a' },
        ],
      },
      { _attempt: 3, response: { status: 401, content: { size: 2, text: 'no' } } },
      { _attempt: 4, response: { status: 0, _error: 'connect ECONNREFUSED' } },
      {
        _attempt: 5,
        request: { headers: [{ name: 'Last-Event-ID', value: 'Ã©1' }] },
        response: { content: { encoding: 'base64', text: 'ZGF0YTog/woK' } },
      },
    ]);
    expect(log.entries[1].response.content.size).toBe(log.entries[1].response.content.text.length);
    expect(log.entries[2]).not.toHaveProperty('_eventSourceMessages');
  });

  it('has the heads also where only events were chosen', () => {
    const { log } = JSON.parse(exported(sourceOf(sample(), { positions: [4] }), har).toString());
    expect(log.entries).toMatchObject([
      {
        _attempt: 2,
        request: { method: 'POST' },
        response: { content: { text: 'id: 7\n\ndata: a\r\n\r\n' } },
      },
    ]);
  });

  it('ends where attempts alternate, as they never do: each stretch is an entry', () => {
    const capture = new Capture();
    for (let i = 0; i < 10_000; i++)
      capture.addEvent(i, 1 + (i % 2), 'message', undefined, utf8.encode('data\n\n'));
    expect(JSON.parse(exported(sourceOf(capture), har).toString()).log.entries).toHaveLength(10_000);
  });
});

/** As browsers write it. */
const browserEntry = {
  startedDateTime: '2026-01-31T09:00:00.000Z',
  time: 100,
  request: {
    method: 'GET',
    url: 'https://api.example/events?token=abcdefgh',
    headers: [
      { name: 'last-event-id', value: '3' },
      { name: 'Authorization', value: 'Bearer abc' },
    ],
  },
  response: {
    status: 200,
    statusText: 'OK',
    httpVersion: 'http/2.0',
    headers: [
      { name: 'Content-Type', value: 'text/event-stream; charset=utf-8' },
      { name: 'Set-Cookie', value: 'sid=1' },
    ],
    content: { size: 10, mimeType: 'text/event-stream', text: 'data: a\n\n: hi\nid: 4\ndata: b\n\n' },
  },
  timings: { blocked: 1, dns: -1, connect: 20, ssl: 15, send: 1, wait: 8, receive: 70 },
  serverIPAddress: '192.0.2.1',
};
const harOf = (...entries: unknown[]): string => JSON.stringify({ log: { version: '1.2', entries } });

describe('reading a HAR', () => {
  it('takes the event streams of a browser’s, with their heads, and no credential', () => {
    const page = {
      ...browserEntry,
      response: { status: 200, content: { mimeType: 'text/html', text: 'data: x\n\n' } },
    };
    const failed = { ...browserEntry, response: { ...browserEntry.response, status: 503 } };
    const { info, problem, capture } = read('har', harOf(page, browserEntry, failed, browserEntry));
    expect(problem).toBeUndefined();
    expect(info).toMatchObject({
      method: 'GET',
      url: 'https://api.example/events?token=•••',
      hasTimes: false,
    });
    expect(recordsIn(capture).map(({ attempt, kind }) => [attempt, kind])).toEqual([
      [1, 'step'],
      [1, 'event'],
      [1, 'comment'],
      [1, 'event'],
      [2, 'step'],
      [2, 'event'],
      [2, 'comment'],
      [2, 'event'],
    ]);
    expect(eventsIn(capture).slice(0, 2)).toEqual([
      { type: 'message', data: 'a', lastEventId: '3' },
      { type: 'message', data: 'b', lastEventId: '4' },
    ]);
    expect(recordsIn(capture)[0]).toMatchObject({
      time: Date.parse(browserEntry.startedDateTime) + 30,
      step: {
        step: 'open',
        ms: 30,
        lastEventId: '3',
        head: {
          status: 200,
          httpVersion: '2.0',
          headers: [
            ['Content-Type', 'text/event-stream; charset=utf-8'],
            ['Set-Cookie', '•••'],
          ],
          timing: { connectMs: 5, tlsMs: 15, firstByteMs: 30 },
          connection: { remote: '192.0.2.1' },
        },
        request: {
          time: Date.parse(browserEntry.startedDateTime),
          method: 'GET',
          url: 'https://api.example/events?token=•••',
          headers: [
            ['last-event-id', '3'],
            ['Authorization', '•••'],
          ],
        },
      },
    });
  });

  it('makes do with messages where the text wasn’t kept', () => {
    const { content: _, ...response } = browserEntry.response;
    const messages = [
      { time: 1_769_850_000.125, eventName: 'price', eventId: '3', data: 'a\r\nb' },
      { time: 1_769_850_001, eventName: 'x\ndata: y', eventId: '4', data: '' },
      { time: 'x', eventName: null, data: 7 },
    ];
    const back = read('har', harOf({ ...browserEntry, response, _eventSourceMessages: messages }));
    expect(eventsIn(back.capture)).toEqual([
      { type: 'price', data: 'a\nb', lastEventId: '3' },
      { type: 'x data: y', data: '', lastEventId: '4' },
      { type: 'message', data: '', lastEventId: '' },
    ]);
    expect(recordsIn(back.capture)[1]).toMatchObject({ time: 1_769_850_000_125, inheritedId: '3' });
    expect(back.info.hasTimes).toBe(false);
  });

  it.each([
    ['', 'empty'],
    ['x', 'json'],
    ['{"log":{"entries":[', 'truncated'],
    ['{"log":{"entries":[],,', 'json'],
    ['[]', 'notACapture'],
    ['{"log":{"entries":{}}}', 'notACapture'],
    ['{"__proto__":{"log":{"entries":[]}}}', 'notACapture'],
    [harOf(), 'noStream'],
    [harOf(null, 1, 'x', [], { response: null }), 'noStream'],
    ['['.repeat(1_000_000), 'nesting'],
  ])('knows %#: %s', (file, reason) => {
    expect(read('har', file.slice(0, 2_000_000))).toMatchObject({
      problem: { reason },
      capture: { next: 0 },
    });
  });

  it('opens up to where the file was cut off, in the middle of a stream, too', () => {
    const capture = new Capture();
    for (let i = 0; i < 100; i++)
      capture.addEvent(i, 1 + Math.floor(i / 50), 'message', undefined, utf8.encode(`data: "é${i}"\n\n`));
    const file = exported(sourceOf(capture), har);
    const events = eventsIn(capture);
    let most = 0;
    for (let size = 1; size < file.length - 1; size += 53) {
      const back = read('har', file.subarray(0, size));
      expect(back.problem?.reason).toMatch(/truncated|json/);
      const got = eventsIn(back.capture);
      expect(got).toEqual(events.slice(0, got.length));
      expect(got.length).toBeGreaterThanOrEqual(most);
      most = got.length;
    }
    expect(most).toBe(100);
  });

  it('opens up to where the file is broken, and says where that is', () => {
    const good = JSON.stringify(browserEntry);
    const before = `\uFEFF{"log":{"é":1,"entries":[${good},`;
    const back = read('har', `${before}oops,${good}]}}`);
    expect(back.problem).toEqual({ reason: 'json', byte: Buffer.byteLength(before) });
    expect(eventsIn(back.capture)).toHaveLength(2);
  });

  it('survives entries of any shape', () => {
    const json = fc.jsonValue({ maxDepth: 3 });
    const entry = fc.record({
      startedDateTime: fc.oneof(json, fc.constant('+275760-09-13T00:00:00.000Z')),
      request: fc.oneof(
        json,
        fc.record({ headers: fc.array(fc.oneof(json, fc.record({ name: json, value: json }))) }),
      ),
      response: fc.record({
        status: fc.oneof(json, fc.constant(200)),
        headers: json,
        content: fc.record({
          mimeType: fc.constant('text/event-stream'),
          text: json,
          encoding: fc.constant('base64'),
        }),
      }),
      timings: fc.oneof(json, fc.record({ wait: fc.constantFrom(1e300, -1e300, '1') })),
      serverIPAddress: json,
      _attempt: fc.oneof(json, fc.constantFrom(2 ** 40, -1, 0.5)),
      _eventSourceMessages: fc.oneof(
        json,
        fc.array(fc.record({ time: fc.oneof(json, fc.constant(1e300)), data: json })),
      ),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 3 }), (entries) => {
        const { capture } = read('har', harOf(...entries));
        for (const { time, attempt } of recordsIn(capture)) {
          expect(Number.isFinite(new Date(time).getTime())).toBe(true);
          expect(attempt).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('holds no more of a file than it may', () => {
    const reader = new HarReader(new Capture(), 1_000_000);
    const piece = new Uint8Array(100_000).fill(0x20);
    let pushed = 0;
    while (reader.push(piece)) pushed++;
    expect(pushed).toBe(10);
    expect(reader.end().problem).toEqual({ reason: 'fileTooLarge', byte: 1_000_000 });
  });
});
