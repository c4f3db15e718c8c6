// Pure answers to "what now?". A policy is asked about an outcome and gives a decision; it knows no timer,
// no socket and no credential. "What would a browser do?" is the browser policy asked about the same outcome.
import type { Random } from '../base/clock.ts';
import { headerValue } from '../base/headers.ts';
import type { ResponseHead, StreamEnd } from './transport.ts';

export type PolicyName = 'resilient' | 'browser' | 'off';

export interface ReconnectSettings {
  /** The first wait of the back-off, in milliseconds; doubled with every failure in a row. */
  initialMs: number;
  maxMs: number;
  /** Share of the wait that is random, 0 to 1. */
  jitter: number;
  /** Failures in a row before the connection gives up; 0 for never. */
  maxAttempts: number;
}

export type Outcome =
  | { kind: 'head'; head: ResponseHead }
  | { kind: 'ended'; end: StreamEnd; wasOpen: boolean };

export interface PolicyContext {
  /** Failures in a row before this outcome. */
  failures: number;
  /** The server's last `retry:` in milliseconds, if it sent one. */
  retryMs: number | undefined;
  reconnect: ReconnectSettings;
  /** Epoch milliseconds, for Retry-After as a date. */
  now: number;
  random: Random;
}

export type WaitCause =
  | { kind: 'backOff'; failures: number }
  | { kind: 'retryField'; ms: number }
  | { kind: 'retryAfter'; value: string; ms: number }
  | { kind: 'default'; ms: number };

export type CloseReason =
  | { kind: 'disconnected' }
  | { kind: 'completed' }
  | { kind: 'noContent' }
  | { kind: 'contentType'; contentType: string; body: 'html' | 'json' | 'eventStream' | 'empty' | 'other' }
  | { kind: 'status'; status: number; statusText: string }
  | { kind: 'redirect'; status: number; location: string }
  | { kind: 'unauthorized'; explanation: string }
  | { kind: 'retryAfterTooLong'; value: string; until: number }
  | { kind: 'gaveUp'; failures: number }
  | { kind: 'ended'; end: StreamEnd; wasOpen: boolean }
  | { kind: 'request'; message: string };

export type Decision =
  | { do: 'open' }
  | { do: 'wait'; ms: number; cause: WaitCause }
  | { do: 'askToken' }
  | { do: 'close'; reason: CloseReason };

export type Policy = (outcome: Outcome, context: PolicyContext) => Decision;

export const policies: Record<PolicyName, Policy> = { resilient, browser, off };

/** Longer than this a server's Retry-After is not waited for. */
export const longestRetryAfterMs = 3_600_000;
/** Automatic attempts of one connection come at most twice a second, whatever `retry:` says. */
export const shortestWaitMs = 500;
/** Nor is anything waited for longer than this, whatever `retry:` says: a timer holds no more. */
export const longestWaitMs = 2 ** 31 - 1;
/** The reconnection time before any `retry:`: "a few seconds" (WHATWG HTML 9.2.2). */
const browserDefaultMs = 3_000;

const transientStatuses = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Keeps a stream alive through what servers, proxies and networks do, and stops where going on is no use. */
function resilient(outcome: Outcome, context: PolicyContext): Decision {
  if (outcome.kind === 'ended') return again(context, serverWait(outcome, context) ?? backOff(context));
  const { head } = outcome;
  if (isEventStream(head)) return { do: 'open' };
  if (head.status === 401) return { do: 'askToken' };
  if (!transientStatuses.has(head.status)) return { do: 'close', reason: closeReason(head) };
  const asked = retryAfter(headerValue(head.headers, 'retry-after'), context.now);
  if (!asked) return again(context, backOff(context));
  if (asked.ms > longestRetryAfterMs) {
    return {
      do: 'close',
      reason: { kind: 'retryAfterTooLong', value: asked.value, until: context.now + asked.ms },
    };
  }
  const cause: WaitCause = { kind: 'retryAfter', ...asked };
  return again(context, { do: 'wait', ms: lengthen(Math.max(asked.ms, shortestWaitMs), context), cause });
}

/** The WHATWG EventSource (HTML 9.2). It has no back-off of its own, and no second chance after a failure. */
function browser(outcome: Outcome, context: PolicyContext): Decision {
  if (outcome.kind === 'ended') {
    // "Otherwise, if res is a network error, then reestablish the connection, unless the user agent knows that
    // to be futile" and, for the end of the body, "processResponseEndOfBody ... reestablish the connection".
    const ms = context.retryMs ?? browserDefaultMs;
    return {
      do: 'wait',
      ms,
      cause: context.retryMs === undefined ? { kind: 'default', ms } : { kind: 'retryField', ms },
    };
  }
  // "Otherwise, if res's status is not 200, or if res's `Content-Type` is not `text/event-stream`, then fail the
  // connection."
  if (isEventStream(outcome.head)) return { do: 'open' };
  return { do: 'close', reason: closeReason(outcome.head) };
}

/** One attempt. For requests that must not be repeated unasked: anything but GET. */
function off(outcome: Outcome): Decision {
  if (outcome.kind === 'head') {
    if (isEventStream(outcome.head)) return { do: 'open' };
    return { do: 'close', reason: closeReason(outcome.head) };
  }
  const { end, wasOpen } = outcome;
  if (end.kind === 'end' && wasOpen) return { do: 'close', reason: { kind: 'completed' } };
  return { do: 'close', reason: { kind: 'ended', end, wasOpen } };
}

/** Whether a response is one: 200 and `text/event-stream`, parameters ignored (MIME types compare without case). */
export function isEventStream(head: ResponseHead): boolean {
  return head.status === 200 && mediaType(head) === 'text/event-stream';
}

export function mediaType(head: ResponseHead): string {
  const value = headerValue(head.headers, 'content-type') ?? '';
  return (value.split(';', 1)[0] ?? '').trim().toLowerCase();
}

function closeReason(head: ResponseHead): CloseReason {
  const { status, statusText } = head;
  if (status === 204) return { kind: 'noContent' };
  if (status === 200) {
    return {
      kind: 'contentType',
      contentType: headerValue(head.headers, 'content-type') ?? '',
      body: 'other',
    };
  }
  const location = headerValue(head.headers, 'location');
  if (status >= 300 && status < 400 && location !== undefined) return { kind: 'redirect', status, location };
  return { kind: 'status', status, statusText };
}

function again(context: PolicyContext, wait: Decision & { do: 'wait' }): Decision {
  const { maxAttempts } = context.reconnect;
  const failures = context.failures + 1;
  if (maxAttempts > 0 && failures >= maxAttempts)
    return { do: 'close', reason: { kind: 'gaveUp', failures } };
  return wait;
}

/** A stream that had been open and ended: the server's own `retry:` says when to come back. */
function serverWait(
  outcome: Outcome & { kind: 'ended' },
  context: PolicyContext,
): (Decision & { do: 'wait' }) | undefined {
  if (context.retryMs === undefined || !outcome.wasOpen) return undefined;
  const ms = lengthen(Math.max(context.retryMs, shortestWaitMs), context);
  return { do: 'wait', ms, cause: { kind: 'retryField', ms: context.retryMs } };
}

/** min(initial x 2^failures, max), spread over the jittered share; never under what the server asked for. */
function backOff(context: PolicyContext): Decision & { do: 'wait' } {
  const { initialMs, maxMs, jitter } = context.reconnect;
  const full = Math.min(initialMs * 2 ** Math.min(context.failures, 30), maxMs);
  const spread = full * (1 - jitter * context.random());
  const ms = Math.round(Math.max(spread, context.retryMs ?? 0, shortestWaitMs));
  return { do: 'wait', ms, cause: { kind: 'backOff', failures: context.failures } };
}

/** Jitter on a wait that the server set: at most a tenth of it and a second, and only ever longer. */
function lengthen(ms: number, context: PolicyContext): number {
  return Math.round(ms + Math.min(ms * 0.1, 1_000) * context.reconnect.jitter * context.random());
}

/**
 * Retry-After: seconds or an HTTP-date (RFC 9110 section 10.2.3). Milliseconds from `now`; undefined where the
 * field is missing or neither.
 */
export function retryAfter(
  value: string | undefined,
  now: number,
): { value: string; ms: number } | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) {
    // As far ahead as a Date goes; a row of a thousand digits is a number to be shown, too.
    const ms = Math.min(Number(text) * 1_000, 8.64e15 - now);
    return { value: text.length > 20 ? `${text.slice(0, 20)}…` : text, ms };
  }
  const form = dateForms.find((pattern) => pattern.test(text));
  if (!form) return undefined;
  // asctime names no zone, and all of HTTP is in GMT.
  const date = Date.parse(form === asctime ? `${text} GMT` : text);
  return Number.isNaN(date) ? undefined : { value: text, ms: Math.max(0, date - now) };
}

// The three forms of HTTP-date (RFC 9110 section 5.6.7); Date.parse alone takes far more.
const asctime = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;
const dateForms = [
  /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  /^[A-Z][a-z]{5,8}, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$/,
  asctime,
];
