// Captures as fast-check makes them, by the real decoder, and the way through a file and back.
import fc from 'fast-check';
import { Capture } from '../../../../src/capture/capture.ts';
import type { ReadResult } from '../../../../src/capture/formats/captureFile.ts';
import { newReader, type ReadableFormat } from '../../../../src/capture/formats/detectFormat.ts';
import { type ExportSource, exportPieces, type Format } from '../../../../src/capture/formats/source.ts';
import type { CaptureRecord, Note } from '../../../../src/capture/records.ts';
import { Decoder, decodeBlock } from '../../../../src/sse/decoder.ts';
import type { Step } from '../../../../src/sse/steps.ts';
import type { ResponseHead } from '../../../../src/sse/transport.ts';
import { cut, cuts, stream } from '../../../support/streams.ts';

export const head: ResponseHead = {
  status: 200,
  statusText: 'OK',
  httpVersion: '1.1',
  headers: [
    ['Content-Type', 'text/event-stream'],
    ['X-É', '•••'],
  ],
  timing: { dnsMs: 1.25, connectMs: 2, tlsMs: 3.5, firstByteMs: 20.5 },
  connection: {
    remote: '[2001:db8::1]:443',
    tls: { protocol: 'TLSv1.3', subject: 'a', issuer: 'b', validTo: 'c' },
  },
};

export const open: Step = { step: 'open', head, cause: 'connect', ms: 21, lastEventId: '', redirects: 0 };

/** One of each kind. */
export const steps: readonly (Step | Note)[] = [
  open,
  {
    step: 'redirect',
    head,
    from: 'https://a.example/',
    to: 'https://a.example/b',
    browser: { do: 'follow' },
  },
  {
    step: 'answer',
    head: { ...head, status: 401 },
    body: '{"a":1}',
    browser: { do: 'stop' },
    explanation: 'x',
  },
  {
    step: 'ended',
    end: { kind: 'error', error: 'reset', code: 'ECONNRESET', message: 'socket hang up' },
    wasOpen: true,
    openMs: 5,
    browser: { do: 'reconnect', ms: 3_000 },
  },
  { step: 'ended', end: { kind: 'idle', ms: 5 }, wasOpen: false, openMs: 0, browser: { do: 'stay' } },
  { step: 'waiting', until: 99, ms: 9, cause: { kind: 'backOff', failures: 2 } },
  { step: 'waiting', until: 99, ms: 9, cause: { kind: 'retryAfter', value: '12', ms: 12_000 } },
  { step: 'needsToken', explanation: 'why' },
  { step: 'forced' },
  { step: 'silence', ms: 60_000, longestGapMs: 100.5 },
  { step: 'idNotSent', id: 'a\u0001' },
  { step: 'oddity', oddity: { kind: 'unknownField', field: 'Data' }, at: 12 },
  { step: 'oddity', oddity: { kind: 'bom' }, at: 0 },
  { step: 'closed', reason: { kind: 'contentType', contentType: 'text/html', body: 'html' } },
  { step: 'closed', reason: { kind: 'ended', end: { kind: 'end' }, wasOpen: true } },
  { step: 'dropped', bytes: 17_000_000, bound: 'bytes' },
  {
    step: 'answer',
    head: { ...head, status: 503, injected: true },
    body: '',
    browser: { do: 'stop' },
  },
  {
    step: 'ended',
    end: { kind: 'end', injected: true },
    wasOpen: true,
    openMs: 5,
    browser: { do: 'reconnect', ms: 3_000 },
  },
  { step: 'fault', what: 'silence of 5000 ms', seed: 7 },
  {
    step: 'scenario',
    name: 'rolling restart',
    about: 'what to look at',
    passed: false,
    findings: [{ text: 'loses no event', passed: false, why: '2 events lost', positions: [3, 7] }],
  },
  {
    step: 'verdict',
    fault: '401 Unauthorized',
    recovered: true,
    attempts: 2,
    ms: 1_800,
    refreshes: 1,
    missed: 0,
    doubled: 1,
  },
  {
    step: 'verdict',
    fault: 'x',
    recovered: false,
    attempts: 0,
    ms: 0.5,
    refreshes: 0,
    reason: 'The server answered 500',
  },
  {
    step: 'verdict',
    fault: 'x',
    recovered: false,
    disconnected: true,
    attempts: 0,
    ms: 1,
    refreshes: 0,
  },
];

const attempt = fc.record({
  stream,
  cuts,
  step: fc.constantFrom(...steps),
  resumes: fc.boolean(),
  gap: fc.oneof(fc.nat({ max: 5_000 }), fc.constant(0.25)),
});

/** Up to five attempts, each begun by a step of some kind. */
export const captures: fc.Arbitrary<Capture> = fc.array(attempt, { maxLength: 5 }).map((attempts) => {
  const capture = new Capture();
  let time = 1_769_850_000_000;
  let lastEventId = '';
  attempts.forEach(({ stream, cuts, step, resumes, gap }, i) => {
    const number = i + 1;
    capture.addStep(time, number, step);
    const decoder = new Decoder(
      {
        batch: (batch) => capture.addEvents(time, number, batch),
        lineFeed: (isNewChunk) => capture.addLineFeed(isNewChunk),
        comment: (text) => capture.addComment(time, number, text),
        retry: () => {},
        dropped: () => {},
      },
      { lastEventId: resumes ? lastEventId : '' },
    );
    for (const chunk of cut(stream, cuts)) {
      time += gap;
      decoder.push(chunk);
    }
    lastEventId = decoder.lastEventId;
  });
  return capture;
});

export function sourceOf(capture: Capture, more: Partial<ExportSource> = {}): ExportSource {
  return {
    capture,
    info: {
      connection: 'orders',
      method: 'GET',
      url: 'https://api.example/events?token=•••',
      hasTimes: true,
    },
    exportedAt: 1_769_850_000_000,
    creator: { name: 'SSE Debugger', version: '0.1.0' },
    ...more,
  };
}

export function exported(source: ExportSource, format: Format): Buffer {
  return Buffer.concat([...exportPieces(source, format)].map(({ bytes }) => bytes));
}

/** Reads a file, in chunks of that size. */
export function read(
  format: ReadableFormat,
  file: Uint8Array | string,
  chunk = 4_096,
): ReadResult & { capture: Capture } {
  const bytes = Buffer.from(file as string);
  const capture = new Capture();
  const reader = newReader(format, capture);
  for (let at = 0; at < bytes.length; at += chunk) if (!reader.push(bytes.subarray(at, at + chunk))) break;
  return { ...reader.end(), capture };
}

export function recordsIn(capture: Capture): CaptureRecord[] {
  return Array.from(
    { length: capture.next - capture.first },
    (_, i) => capture.at(capture.first + i) as CaptureRecord,
  );
}

/** The events as a client sees them. */
export function eventsIn(capture: Capture): { type: string; data: string; lastEventId: string }[] {
  return recordsIn(capture).flatMap((record) => {
    if (record.kind !== 'event') return [];
    const event = decodeBlock(record.block);
    return [
      {
        type: event?.type ?? '',
        data: event?.data ?? '',
        lastEventId: event?.ownId ?? record.inheritedId ?? '',
      },
    ];
  });
}
