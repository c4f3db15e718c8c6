// Faults that a connection is made to meet again: a challenge or an answer as it was captured, or a common one.
import * as v from 'valibot';
import { headerValue, headerValues } from '../base/headers.ts';
import { mask } from '../base/redaction.ts';
import type { Capture } from '../capture/capture.ts';
import type { Note } from '../capture/records.ts';
import type { Step } from '../sse/steps.ts';
import type { ResponseHead } from '../sse/transport.ts';
import type { Fault } from './faultKinds.ts';
import { headerList } from './faults/answerParts.ts';

/** What most servers say of a token that is no good any more (RFC 6750 section 3). */
export const standardChallenge = 'Bearer error="invalid_token", error_description="The token expired"';

/** A 401; without a challenge where there is none, as many servers answer. */
export function unauthorized(challenges: readonly string[]): Fault {
  return {
    kind: 'status',
    status: 401,
    headers: challenges.map((one) => ['WWW-Authenticate', one]),
    body: '',
  };
}

/** A 503. @param retryAfter as the field has it: seconds or an HTTP-date */
export function unavailable(retryAfter?: string): Fault {
  return {
    kind: 'status',
    status: 503,
    headers: retryAfter === undefined ? [] : [['Retry-After', retryAfter]],
    body: '',
  };
}

/** The challenges of the last 401 that a server answered; empty where none did. */
export function lastChallenges(capture: Capture): string[] {
  const step = lastStep(
    capture,
    (one) => one.step === 'answer' && one.head.status === 401 && isReal(one.head),
  );
  return step?.step === 'answer' ? headerValues(step.head.headers, 'www-authenticate') : [];
}

/** The last failure that nobody injected, as a fault; undefined where there was none. */
export function lastFailure(capture: Capture): Fault | undefined {
  const step = lastStep(
    capture,
    (one) =>
      (one.step === 'answer' && isReal(one.head)) ||
      (one.step === 'ended' && one.end.kind !== 'wake' && !('injected' in one.end)),
  );
  if (step?.step === 'answer') return answerAgain(step.head, step.body);
  if (step?.step !== 'ended') return undefined;
  if (step.end.kind === 'idle') return { kind: 'stall', afterEvents: 0 };
  if (!step.wasOpen) return { kind: 'noAnswer' };
  return { kind: 'cut', afterEvents: 0, how: step.end.kind === 'end' ? 'end' : 'reset' };
}

/** As much as a fault may hold. */
const mostFields = 100;
const mostCharacters = 65_536;

/** Of one exchange or its framing (RFC 9110 section 7.6.1, RFC 9112): not true of the answer that is replayed. */
const ofOneExchange = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** An answer as it was captured: credentials were masked there and stay so, and its body is known to 64 KiB. */
function answerAgain({ status, headers }: ResponseHead, body: string): Fault {
  const named = (headerValue(headers, 'connection') ?? '').toLowerCase().split(/[\s,]+/);
  const kept = headers.filter(([name, value]) => {
    const lower = name.toLowerCase();
    return !ofOneExchange.has(lower) && !named.includes(lower) && isField(name, value);
  });
  return {
    kind: 'status',
    status,
    headers: kept.slice(0, mostFields).map(([name, value]) => [name, value]),
    body: body.slice(0, mostCharacters),
  };
}

function isField(name: string, value: string): boolean {
  return v.is(headerList, [[name, value.replaceAll(mask, '')]]);
}

function isReal(head: ResponseHead): boolean {
  return head.injected !== true;
}

function lastStep(capture: Capture, matches: (step: Step | Note) => boolean): Step | Note | undefined {
  const position = capture.findStep(capture.next, -1, matches);
  const record = position === undefined ? undefined : capture.at(position);
  return record?.kind === 'step' ? record.step : undefined;
}
