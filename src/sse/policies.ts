// Pure answers to "what now?". A policy is asked about an outcome and gives a decision; it knows no timer,
// no socket and no credential. "What would a browser do?" is the browser policy asked about the same outcome.
import type { Random } from '../base/clock.ts';
import { headerValue } from '../base/headers.ts';
import type { Redirect, RedirectProblem } from './redirect.ts';
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

/** Why we end a stream that nobody else did. Milliseconds of silence, and of sleep. */
export type Cut = { kind: 'idle'; ms: number } | { kind: 'wake'; ms: number };
export type AttemptEnd = StreamEnd | Cut;

/** Whether the fault lab ended it. */
export function isInjectedEnd(end: AttemptEnd): boolean {
  return 'injected' in end && end.injected === true;
}

export type Outcome =
  /** `redirect` where the answer is one. */
  | { kind: 'head'; head: ResponseHead; redirect?: Redirect | undefined }
  /** A cut comes before its end: a policy may let the stream be. */
  | { kind: 'ended'; end: AttemptEnd; wasOpen: boolean }
  /** There is no token for the attempt: its source failed, and may work in so many milliseconds. */
  | { kind: 'tokenFailed'; message: string; retryMs: number };

/** What is known of where the token comes from. */
export interface TokenTraits {
  /** It has a source that may have another one. */
  refreshes: boolean;
  /** The user can be asked for one. */
  asks: boolean;
}

export interface PolicyContext {
  token: TokenTraits;
  /** Answers of 401 in a row before this outcome. */
  refusals: number;
  /** Failures in a row before this outcome. */
  failures: number;
  /** Redirects that this attempt has followed. */
  redirects: number;
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
  | { kind: 'default'; ms: number }
  /** A socket that didn't outlive the machine's sleep is replaced. */
  | { kind: 'wake' }
  /** The token's source failed, and is left alone for a while. */
  | { kind: 'tokenSource' }
  /** A refused token was replaced. */
  | { kind: 'tokenRefreshed' }
  /** It is the turn of others: so many attempts go to one origin in a second. */
  | { kind: 'gate' };

export type CloseReason =
  | { kind: 'disconnected' }
  | { kind: 'completed' }
  | { kind: 'noContent' }
  | { kind: 'contentType'; contentType: string; body: 'html' | 'json' | 'eventStream' | 'empty' | 'other' }
  | { kind: 'status'; status: number; statusText: string }
  /** `location` is where it leads, `origin` that place's, if it has one. Nothing was sent there. */
  | {
      kind: 'redirect';
      status: number;
      location: string;
      origin: string;
      problem: RedirectProblem | 'otherOrigin' | 'tooMany';
    }
  | { kind: 'unauthorized'; explanation: string }
  | { kind: 'retryAfterTooLong'; value: string; until: number }
  | { kind: 'gaveUp'; failures: number }
  | { kind: 'ended'; end: AttemptEnd; wasOpen: boolean }
  | { kind: 'request'; message: string };

export type Decision =
  | { do: 'open' }
  /** Leave the stream as it is. */
  | { do: 'stay' }
  | { do: 'wait'; ms: number; cause: WaitCause }
  | { do: 'askToken' }
  /** Have another token from its source, then come back. */
  | { do: 'refreshToken' }
  /** Send the request again to where the answer points. */
  | { do: 'follow' }
  | { do: 'close'; reason: CloseReason };

export type Policy = (outcome: Outcome, context: PolicyContext) => Decision;

export const policies: Record<PolicyName, Policy> = { resilient, browser, off };

/** Longer than this a server's Retry-After is not waited for. */
export const longestRetryAfterMs = 3_600_000;
/** Automatic attempts of one connection come at most twice a second, whatever `retry:` says. */
export const shortestWaitMs = 500;
/** Nor is anything waited for longer than this, whatever `retry:` says: a timer holds no more. */
export const longestWaitMs = 2 ** 31 - 1;
/** Redirects of one attempt, beside a browser's. */
export const mostRedirects = 5;
/** "If request's redirect count is 20, then return a network error" (Fetch, "HTTP-redirect fetch"). */
export const mostBrowserRedirects = 20;
/** The reconnection time before any `retry:`: "a few seconds" (WHATWG HTML 9.2.2). */
const browserDefaultMs = 3_000;

/** Statuses after which the same request may well be answered. */
export const transientStatuses = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Keeps a stream alive through what servers, proxies and networks do, and stops where going on is no use. */
function resilient(outcome: Outcome, context: PolicyContext): Decision {
  if (outcome.kind === 'tokenFailed')
    return again(context, { do: 'wait', ms: outcome.retryMs, cause: { kind: 'tokenSource' } });
  if (outcome.kind === 'ended') {
    if (outcome.end.kind === 'wake') return { do: 'wait', ms: shortestWaitMs, cause: { kind: 'wake' } };
    return again(context, serverWait(outcome, context) ?? backOff(context));
  }
  const { head } = outcome;
  if (isEventStream(head)) return { do: 'open' };
  if (head.status === 401) return refused(head, context);
  if (outcome.redirect) return followHome(head, outcome.redirect, context);
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

/** Once another token is tried. The second 401 in a row stops: a third one would be no surprise. */
function refused(head: ResponseHead, { token, refusals }: PolicyContext): Decision {
  if (token.refreshes && refusals === 0) return { do: 'refreshToken' };
  return token.asks ? { do: 'askToken' } : { do: 'close', reason: closeReason(head) };
}

/** The WHATWG EventSource (HTML 9.2). It has no back-off of its own, and no second chance after a failure. */
function browser(outcome: Outcome, context: PolicyContext): Decision {
  if (outcome.kind === 'tokenFailed') return noRequest(outcome);
  if (outcome.kind === 'ended') {
    // The standard knows no end but the network's and the body's.
    if (outcome.end.kind === 'idle' || outcome.end.kind === 'wake') return { do: 'stay' };
    // "Otherwise, if res is a network error, then reestablish the connection, unless the user agent knows that to
    // be futile, in which case the user agent may fail the connection." We never know. And at the end of the body:
    // "if res is not a network error, then reestablish the connection."
    return reestablish(context);
  }
  const { head, redirect } = outcome;
  if (redirect) {
    // Fetch, "HTTP-redirect fetch": "If locationURL is null, then return response", whose status is not 200.
    if (redirect.problem === 'missing') return { do: 'close', reason: closeReason(head) };
    // These two are ours alone: an EventSource has no body, nor a credential that isn't the browser's to withhold.
    if (redirect.problem === 'credential' || redirect.problem === 'body')
      return { do: 'close', reason: redirectReason(head, redirect, redirect.problem) };
    // "If locationURL is failure, then return a network error. If locationURL's scheme is not an HTTP(S) scheme,
    // then return a network error." An empty Location is a URL: the one that was asked for.
    if (redirect.problem !== undefined && redirect.problem !== 'empty') return reestablish(context);
    // "If request's redirect count is 20, then return a network error."
    if (context.redirects >= mostBrowserRedirects) return reestablish(context);
    return { do: 'follow' };
  }
  // "Otherwise, if res's status is not 200, or if res's `Content-Type` is not `text/event-stream`, then fail the
  // connection."
  if (!isEventStream(head)) return { do: 'close', reason: closeReason(head) };
  // "Otherwise, announce the connection and interpret res's body line by line."
  return { do: 'open' };
}

// "Wait a delay equal to the reconnection time of the event source. Optionally, wait some more." We don't.
function reestablish({ retryMs }: PolicyContext): Decision {
  const ms = retryMs ?? browserDefaultMs;
  const cause: WaitCause = retryMs === undefined ? { kind: 'default', ms } : { kind: 'retryField', ms };
  return { do: 'wait', ms, cause };
}

/** One attempt. For requests that must not be repeated unasked: anything but GET. */
function off(outcome: Outcome, context: PolicyContext): Decision {
  if (outcome.kind === 'tokenFailed') return noRequest(outcome);
  if (outcome.kind === 'head') {
    if (isEventStream(outcome.head)) return { do: 'open' };
    if (outcome.redirect) return followHome(outcome.head, outcome.redirect, context);
    return { do: 'close', reason: closeReason(outcome.head) };
  }
  const { end, wasOpen } = outcome;
  // What can't be repeated is not given up on a suspicion.
  if (end.kind === 'wake') return { do: 'stay' };
  if (end.kind === 'end' && wasOpen) return { do: 'close', reason: { kind: 'completed' } };
  return { do: 'close', reason: { kind: 'ended', end, wasOpen } };
}

function noRequest({ message }: Outcome & { kind: 'tokenFailed' }): Decision {
  return { do: 'close', reason: { kind: 'request', message } };
}

/** Follows a redirect within the origin; whether another one is to be trusted is the user's to say. */
function followHome(head: ResponseHead, redirect: Redirect, { redirects }: PolicyContext): Decision {
  const problem =
    redirect.problem ??
    (redirect.crossOrigin ? 'otherOrigin' : redirects >= mostRedirects ? 'tooMany' : undefined);
  if (problem === undefined) return { do: 'follow' };
  // Where to, before what is wrong with it: a credential or a body would not have been sent there anyway.
  const named = redirect.crossOrigin && redirect.origin !== '' ? 'otherOrigin' : problem;
  return { do: 'close', reason: redirectReason(head, redirect, named) };
}

function redirectReason(
  { status }: ResponseHead,
  { to, origin }: Redirect,
  problem: (CloseReason & { kind: 'redirect' })['problem'],
): CloseReason {
  return { kind: 'redirect', status, location: to, origin, problem };
}

/** Whether a response is one: 200 and `text/event-stream`, parameters ignored (MIME types compare without case). */
export function isEventStream(head: ResponseHead): boolean {
  return head.status === 200 && mediaType(head) === 'text/event-stream';
}

export function mediaType(head: ResponseHead): string {
  const value = headerValue(head.headers, 'content-type') ?? '';
  return (value.split(';', 1)[0] ?? '').trim().toLowerCase();
}

export function closeReason(head: ResponseHead): CloseReason {
  const { status, statusText } = head;
  if (status === 204) return { kind: 'noContent' };
  if (status === 200) {
    return {
      kind: 'contentType',
      contentType: headerValue(head.headers, 'content-type') ?? '',
      body: 'other',
    };
  }
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
