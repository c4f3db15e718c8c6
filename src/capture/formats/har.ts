// HTTP Archive 1.2 (http://www.softwareishard.com/blog/har-12-spec/), for browsers and HTTP tools: one entry for each
// request that brought an answer, an event or an error.
//
// - `response.content.text` is the stream as in the `.sse` format, without its separators; in base64 where it isn't
//   UTF-8. The last event id that it begins with is that of the request's `Last-Event-ID`.
// - `_eventSourceMessages` has the events with their times, as other writers of HAR have them, after the Chrome DevTools
//   Protocol (Network.eventSourceMessageReceived): `time` in seconds since 1970, `eventName`, `eventId` (the last event
//   id after the event), `data`.
// - `_attempt` numbers the requests of the connection, `log._connection` is its name. `response._error` says why there
//   is no answer; `status` is 0 then, as in browsers.
// - Other lifecycle steps (waits, ends, silences) aren't in it.
import type { HeaderList } from '../../base/headers.ts';
import type { CaptureRecord } from '../records.ts';
import { toBase64 } from './base64.ts';
import { type HarExchange, HarPlan } from './harPlan.ts';
import { resumeId } from './resumeId.ts';
import { type ExportSource, isoTime, type Progress, recordsOf } from './source.ts';
import { StreamText } from './streamText.ts';
import { eventOf, maskedBlock, maskedText } from './wire.ts';

const utf8 = new TextEncoder();

export function* har(source: ExportSource, progress: Progress): Generator<string, void> {
  const plan = new HarPlan(source);
  yield* plan.make();
  const { info, creator } = source;
  yield `{"log":{"version":"1.2","creator":${JSON.stringify(creator)},"_connection":${JSON.stringify(info.connection)},"entries":[`;
  let separator = '\n';
  for (const exchange of plan.exchanges) {
    yield separator;
    yield* entry(exchange, source);
    separator = ',\n';
    progress.records = exchange.to;
  }
  yield ']}}\n';
}

function* entry(exchange: HarExchange, source: ExportSource): Generator<string, void> {
  const { attempt, started, request, response, timings, remote } = exchange;
  const time = Object.values(timings).reduce((sum, ms) => sum + Math.max(0, ms), 0);
  // "ssl" is counted in "connect", too.
  const { ssl } = timings;
  yield openObject({
    startedDateTime: isoTime(started),
    time: time - Math.max(0, ssl),
    _attempt: attempt,
    cache: {},
    timings,
    ...(remote === undefined ? {} : { serverIPAddress: remote }),
    request: {
      method: request.method,
      url: uri(request.url),
      httpVersion: response.httpVersion,
      cookies: [],
      headers: fields(request.headers),
      queryString: query(request.url),
      headersSize: -1,
      bodySize: request.bodyBytes ?? (request.body === undefined ? 0 : -1),
      ...(request.body === undefined ? {} : { postData: { mimeType: '', text: request.body } }),
    },
  });
  const { content, headers, ...rest } = response;
  yield `,"response":${openObject({ ...rest, cookies: [], headers: fields(headers), headersSize: -1, bodySize: content.size })}`;
  const { body, ...about } = content;
  yield `,"content":${openObject({ ...about, ...(exchange.isUtf8 ? {} : { encoding: 'base64' }) })},"text":"`;
  if (body !== undefined) yield jsonInner(body);
  else if (exchange.isUtf8) yield* textParts(streamOf(exchange, source));
  else yield* base64Parts(streamOf(exchange, source));
  yield '"}}';
  if (body === undefined) {
    yield ',"_resourceType":"eventsource","_eventSourceMessages":[';
    yield* messages(exchange, source);
    yield ']';
  }
  yield '}';
}

/** The records of one exchange. */
function recordsIn({ from, to }: HarExchange, source: ExportSource): Iterable<CaptureRecord> {
  return recordsOf(source, { records: 0 }, from, to);
}

/** The body of the exchange, a part for each record. */
export function* streamOf(exchange: HarExchange, source: ExportSource): Generator<string | Uint8Array, void> {
  const stream = new StreamText(source, resumeId(exchange.request.headers));
  for (const record of recordsIn(exchange, source)) {
    if (record.kind === 'step') yield '';
    else yield* stream.record(record);
  }
}

function* messages(exchange: HarExchange, source: ExportSource): Generator<string, void> {
  let separator = '\n';
  for (const record of recordsIn(exchange, source)) {
    if (record.kind !== 'event') {
      yield '';
      continue;
    }
    const event = eventOf(maskedBlock(record.block, source));
    yield `${separator}${JSON.stringify({
      time: Math.round(record.time) / 1_000,
      eventName: event?.type ?? record.type,
      eventId: event?.ownId ?? maskedText(record.inheritedId ?? '', source),
      data: event?.data ?? '',
    })}`;
    separator = ',\n';
  }
}

function* textParts(parts: Iterable<string | Uint8Array>): Generator<string, void> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for (const part of parts) yield jsonInner(typeof part === 'string' ? part : decoder.decode(part));
}

/** Base64 that goes on from one part to the next: only the last may leave less than three bytes. */
function* base64Parts(parts: Iterable<string | Uint8Array>): Generator<string, void> {
  let rest = new Uint8Array(0);
  for (const part of parts) {
    const bytes = typeof part === 'string' ? utf8.encode(part) : part;
    const whole = new Uint8Array(rest.length + bytes.length);
    whole.set(rest);
    whole.set(bytes, rest.length);
    const end = whole.length - (whole.length % 3);
    yield toBase64(whole.subarray(0, end));
    rest = whole.slice(end);
  }
  yield toBase64(rest);
}

/** What stands between the quotes of a JSON string. */
function jsonInner(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** An object to be continued. */
function openObject(value: object): string {
  return JSON.stringify(value).slice(0, -1);
}

function fields(headers: HeaderList): { name: string; value: string }[] {
  return headers.map(([name, value]) => ({ name, value }));
}

/** With what a URI can't hold percent-encoded: the mark of a masked value, for one. */
function uri(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}

function query(url: string): { name: string; value: string }[] {
  return URL.canParse(url) ? fields([...new URL(url).searchParams]) : [];
}
