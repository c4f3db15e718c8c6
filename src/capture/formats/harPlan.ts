// Which entries a HAR will have, worked out before the first is written: its parts come in another order than records.
import { type HeaderList, headerValue } from '../../base/headers.ts';
import { lastEventIdHeader } from '../../sse/lastEventId.ts';
import type { ResponseHead } from '../../sse/transport.ts';
import type { CaptureRecord } from '../records.ts';
import { resumeId } from './resumeId.ts';
import { type ExportSource, recordsOf } from './source.ts';
import { maskedStep, type StoredStep } from './stepSchema.ts';
import { StreamText } from './streamText.ts';
import { utf8Text } from './wire.ts';

const utf8 = new TextEncoder();

export interface HarRequest {
  method: string;
  url: string;
  headers: HeaderList;
  body?: string;
  bodyBytes?: number;
}

export interface HarExchange {
  attempt: number;
  /** Its records: where they begin among those that are exported, and end. */
  from: number;
  to: number;
  /** Epoch milliseconds. */
  started: number;
  request: HarRequest;
  response: Omit<ResponseHead, 'timing' | 'connection'> & {
    redirectURL: string;
    /** `body` of an answer that is no stream. */
    content: { size: number; mimeType: string; body?: string };
    _error?: string;
  };
  timings: Record<'blocked' | 'dns' | 'connect' | 'ssl' | 'send' | 'wait' | 'receive', number>;
  remote: string | undefined;
  /** Whether the stream is UTF-8 throughout. */
  isUtf8: boolean;
}

/** A step with a response head, or with the reason why there is none. */
type HeadStep = Extract<StoredStep, { step: 'open' | 'answer' | 'redirect' | 'ended' }>;

const noTimings = { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 0, wait: 0, receive: 0 };

export class HarPlan {
  readonly exchanges: HarExchange[] = [];
  readonly #source: ExportSource;
  /** Where the step stands that opened an attempt's stream. */
  readonly #heads = new Map<number, number>();
  /** The exchange whose stream goes on, and its text so far. */
  #open: { exchange: HarExchange; stream: StreamText; headAt: number } | undefined;

  constructor(source: ExportSource) {
    this.#source = source;
  }

  /** Works it out, an empty part for each record. */
  *make(): Generator<string, void> {
    const { capture } = this.#source;
    // Of all records: also where a filter leaves out the steps, each stream has its head.
    for (let position = capture.first; position < capture.next; position++) {
      const record = capture.at(position);
      if (record && headStep(record)?.step === 'open') this.#heads.set(record.attempt, position);
      yield '';
    }
    const place = { records: 0 };
    for (const record of recordsOf(this.#source, place)) {
      if (record.kind !== 'step') this.#stream(record, place.records);
      else if (record.step.step === 'open') this.#begin(record, place.records);
      else if (headStep(record)) this.#answer(record, place.records);
      yield '';
    }
  }

  #answer(record: CaptureRecord, index: number): void {
    this.#open = undefined;
    this.exchanges.push(this.#exchange(record, index));
  }

  #begin(record: CaptureRecord, index: number): HarExchange {
    const exchange = this.#exchange(record, index);
    this.exchanges.push(exchange);
    const stream = new StreamText(this.#source, resumeId(exchange.request.headers));
    this.#open = { exchange, stream, headAt: record.time };
    return exchange;
  }

  #stream(record: Exclude<CaptureRecord, { kind: 'step' }>, index: number): void {
    if (this.#open?.exchange.attempt !== record.attempt) {
      const head = this.#source.capture.at(this.#heads.get(record.attempt) ?? -1);
      this.#begin(head ?? record, index);
    }
    const open = this.#open;
    if (!open) return;
    const { exchange, stream, headAt } = open;
    exchange.to = index + 1;
    exchange.timings.receive = Math.max(0, record.time - headAt);
    for (const part of stream.record(record)) {
      exchange.response.content.size += typeof part === 'string' ? utf8.encode(part).length : part.length;
      exchange.isUtf8 &&= typeof part === 'string' || utf8Text(part) !== undefined;
    }
  }

  /** @param record the step with its head, or whatever came first of it */
  #exchange(record: CaptureRecord, index: number): HarExchange {
    const found = headStep(record);
    const step = found && (maskedStep(found, this.#source) as HeadStep);
    const head = step && 'head' in step ? step.head : undefined;
    const request = this.#request(step);
    const body = step?.step === 'answer' ? step.body : step && step.step !== 'open' ? '' : undefined;
    const type = headerValue(head?.headers ?? [], 'content-type');
    const waited = head?.timing?.firstByteMs ?? (step?.step === 'open' ? step.ms : 0);
    return {
      attempt: record.attempt,
      from: index,
      to: index + 1,
      started: step && 'request' in step && step.request ? step.request.time : record.time - waited,
      request,
      response: {
        status: head?.status ?? (step ? 0 : 200),
        statusText: head?.statusText ?? '',
        httpVersion: head ? `HTTP/${head.httpVersion}` : '',
        headers: head?.headers ?? [],
        redirectURL:
          step?.step === 'redirect' ? step.to : (headerValue(head?.headers ?? [], 'location') ?? ''),
        content:
          body === undefined
            ? { size: 0, mimeType: type ?? 'text/event-stream' }
            : { size: utf8.encode(body).length, mimeType: type ?? 'x-unknown', body },
        ...(step?.step === 'ended' ? { _error: errorOf(step) } : {}),
      },
      timings: timingsOf(head, waited),
      remote: remoteAddress(head),
      isUtf8: true,
    };
  }

  #request(step: HeadStep | undefined): HarRequest {
    if (step?.request) return step.request;
    const { method, url } = this.#source.info;
    const before = this.exchanges.at(-1)?.response;
    const id = step?.step === 'open' ? lastEventIdHeader(step.lastEventId) : undefined;
    return {
      method,
      url:
        step?.step === 'redirect'
          ? step.from
          : (before?.status ?? 0) >= 300 && before?.redirectURL
            ? before.redirectURL
            : url,
      headers: id === undefined ? [] : [['Last-Event-ID', id]],
    };
  }
}

function headStep(record: CaptureRecord): HeadStep | undefined {
  if (record.kind !== 'step') return undefined;
  const step: StoredStep = record.step;
  switch (step.step) {
    case 'open':
    case 'answer':
    case 'redirect':
      return step;
    case 'ended':
      return step.wasOpen ? undefined : step;
    default:
      return undefined;
  }
}

function errorOf({ end }: HeadStep & { step: 'ended' }): string {
  return end.kind === 'error' ? end.message || end.error : end.kind;
}

function timingsOf(head: ResponseHead | undefined, waitedMs: number): HarExchange['timings'] {
  const { dnsMs, connectMs, tlsMs } = head?.timing ?? {};
  const before = (dnsMs ?? 0) + (connectMs ?? 0) + (tlsMs ?? 0);
  return {
    ...noTimings,
    dns: dnsMs ?? -1,
    connect: connectMs === undefined && tlsMs === undefined ? -1 : (connectMs ?? 0) + (tlsMs ?? 0),
    ssl: tlsMs ?? -1,
    wait: Math.max(0, waitedMs - before),
  };
}

/** The address without its port; a proxy's isn't the server's. */
function remoteAddress(head: ResponseHead | undefined): string | undefined {
  const { remote, proxy } = head?.connection ?? {};
  return proxy === undefined ? remote?.replace(/:\d+$/, '').replace(/^\[|\]$/g, '') : undefined;
}
