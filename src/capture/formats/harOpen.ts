import { Redactor } from '../../base/redaction.ts';
import { maxSentBody, type SentRequest } from '../../sse/sentRequest.ts';
import type { ResponseHead, ResponseTiming } from '../../sse/transport.ts';
import { longestTime } from './captureFile.ts';
import { at, headersAt, numberAt, textAt } from './jsonAt.ts';
import { resumeId } from './resumeId.ts';
import type { StoredStep } from './stepSchema.ts';

/** What a browser has kept isn't masked. */
const redactor = new Redactor();
/** Before the first byte comes; "ssl" is counted in "connect", too. */
const phases = ['blocked', 'dns', 'connect', 'send', 'wait'];
const longestPhaseMs = 86_400_000;

/** A HAR's URL without credentials. */
export function harUrl(request: unknown): string {
  return redactor.url(textAt(request, 'url'));
}

/** The step that an entry with a stream begins with, and when that was (epoch milliseconds). */
export function openStep(
  entry: unknown,
  isFirst: boolean,
): { time: number; step: StoredStep & { step: 'open' } } {
  const request = at(entry, 'request');
  const started = Date.parse(textAt(entry, 'startedDateTime'));
  const startedAt = Math.abs(started) <= longestTime ? started : 0;
  const timing = timingOf(at(entry, 'timings'));
  const ms = timing.firstByteMs;
  const remote = textAt(entry, 'serverIPAddress');
  const step = {
    step: 'open',
    head: { ...headOf(at(entry, 'response')), timing, ...(remote === '' ? {} : { connection: { remote } }) },
    cause: isFirst ? 'connect' : 'retry',
    ms,
    lastEventId: resumeId(headersAt(request)),
    redirects: 0,
    request: requestOf(request, startedAt),
  } as const;
  return { time: Math.min(startedAt + ms, longestTime), step };
}

function headOf(response: unknown): ResponseHead {
  return {
    status: numberAt(response, 'status') ?? 0,
    statusText: textAt(response, 'statusText'),
    httpVersion: textAt(response, 'httpVersion').replace(/^http\//i, ''),
    headers: redactor.headers(headersAt(response)),
  };
}

function requestOf(request: unknown, time: number): SentRequest {
  const body = textAt(at(request, 'postData'), 'text');
  const bytes = numberAt(request, 'bodySize') ?? -1;
  return {
    time,
    method: textAt(request, 'method'),
    url: harUrl(request),
    headers: redactor.headers(headersAt(request)),
    ...(body === '' ? {} : { body: redactor.text(body).slice(0, maxSentBody).toWellFormed() }),
    ...(bytes > 0 ? { bodyBytes: bytes } : {}),
  };
}

function timingOf(timings: unknown): ResponseTiming {
  const of = (name: string): number | undefined => {
    // -1 where it doesn't apply.
    const ms = numberAt(timings, name);
    return ms === undefined || ms < 0 || ms > longestPhaseMs ? undefined : ms;
  };
  const [dns, connect, ssl] = [of('dns'), of('connect'), of('ssl')];
  return {
    ...(dns === undefined ? {} : { dnsMs: dns }),
    ...(connect === undefined ? {} : { connectMs: Math.max(0, connect - (ssl ?? 0)) }),
    ...(ssl === undefined ? {} : { tlsMs: ssl }),
    firstByteMs: phases.reduce((sum, name) => sum + (of(name) ?? 0), 0),
  };
}
