// Lifecycle states and steps in words: one place, so that the panel, the tree, the log and the messages say
// the same. Pure.
import { countOf } from '../base/countOf.ts';
import { headerValue } from '../base/headers.ts';
import type { Note } from '../capture/records.ts';
import { formatDuration } from '../jwt/relativeTime.ts';
import type { Oddity } from '../sse/oddities.ts';
import {
  type AttemptEnd,
  type CloseReason,
  isInjectedEnd,
  mostRedirects,
  type WaitCause,
} from '../sse/policies.ts';
import type { Step, Verdict } from '../sse/steps.ts';
import type { ResponseHead } from '../sse/transport.ts';
import { transportErrorText } from '../sse/transportWords.ts';
import type { SourceState } from './captureSource.ts';
import { recoveryText, scenarioText, verdictTone } from './labWords.ts';

export interface StepText {
  tone: 'info' | 'success' | 'warning' | 'error';
  /** A codicon's name. */
  icon: string;
  text: string;
  aside?: string;
}

/** A step as one line. */
export function describeStep(step: Step | Note, attempt: number): StepText {
  switch (step.step) {
    case 'open': {
      const again = attempt - step.redirects > 1 ? `Connected again, attempt ${attempt}` : 'Connected';
      const text = `${again}: ${statusLine(step.head)} in ${formatDuration(step.ms)}`;
      const resumed = step.lastEventId === '' ? {} : { aside: `Last-Event-ID ${step.lastEventId}` };
      return { tone: 'success', icon: 'pass-filled', text, ...resumed };
    }
    case 'answer': {
      const injected = step.head.injected === true;
      const retryAfter = headerValue(step.head.headers, 'retry-after');
      const asked = retryAfter === undefined ? '' : `, Retry-After: ${retryAfter}`;
      const why = step.explanation === undefined ? '' : `: ${step.explanation}`;
      const text = `${injected ? 'Injected: ' : ''}${statusLine(step.head)}${asked}${why}`;
      const tone = step.head.status === 204 ? 'info' : 'error';
      return { tone, icon: injected ? 'beaker' : tone, text, aside: verdictText(step.browser) };
    }
    case 'redirect':
      return {
        tone: 'info',
        icon: 'arrow-right',
        text: `${statusLine(step.head)}: redirected to ${step.to}`,
        aside: verdictText(step.browser),
      };
    case 'ended': {
      const injected = isInjectedEnd(step.end);
      const icon = step.end.kind === 'end' ? 'debug-disconnect' : 'error';
      return {
        tone: step.end.kind === 'end' ? 'warning' : 'error',
        icon: injected ? 'beaker' : icon,
        text: `${injected ? 'Injected: ' : ''}${endText(step.end, step.wasOpen, step.openMs)}`,
        aside: verdictText(step.browser),
      };
    }
    case 'waiting':
      return {
        tone: 'warning',
        icon: 'watch',
        text: `Waiting ${formatDuration(step.ms)} before the next attempt`,
        aside: causeText(step.cause),
      };
    case 'needsToken':
      return {
        tone: 'warning',
        icon: 'key',
        text: step.explanation === '' ? 'A token is needed to connect' : 'Waiting for a new token',
      };
    case 'tokenRefreshed':
      return {
        tone: 'success',
        icon: 'key',
        text: `Token refreshed from ${sourceText(step.source)} in ${formatDuration(step.ms)}: ${tokenChangeText(step)}`,
        aside: refreshCauseText(step.cause),
      };
    case 'tokenRefreshFailed':
      return {
        tone: 'error',
        icon: 'key',
        text: `No token from ${sourceText(step.source)}: ${step.reason}`,
        aside: refreshCauseText(step.cause),
      };
    case 'silence':
      return {
        tone: 'warning',
        icon: 'watch',
        text: `Nothing has arrived for ${formatDuration(step.ms)}`,
        aside: `longest gap before: ${formatDuration(step.longestGapMs)}`,
      };
    case 'idNotSent':
      return {
        tone: 'warning',
        icon: 'warning',
        text: `Last-Event-ID was not sent: the id ${JSON.stringify(step.id.slice(0, 100))} has characters that HTTP can not carry`,
      };
    case 'oddity':
      return { tone: 'warning', icon: 'question', text: oddityText(step.oddity), aside: `byte ${step.at}` };
    case 'restored':
      return { tone: 'info', icon: 'history', text: 'The window was reloaded; what stands above was kept' };
    case 'fault':
      return { tone: 'warning', icon: 'beaker', text: `Fault injected: ${step.what}` };
    case 'verdict':
      return { ...verdictTone(step), text: recoveryText(step), aside: step.fault };
    case 'escaped':
      return {
        tone: 'warning',
        icon: 'warning',
        text: `The redirect leads away from the fault proxy, to ${step.to}`,
        aside: 'what the client does there is not seen',
      };
    case 'scenario':
      return {
        tone: step.passed ? 'success' : 'error',
        icon: step.passed ? 'pass-filled' : 'error',
        text: scenarioText(step),
      };
    case 'forced':
      return {
        tone: 'info',
        icon: 'debug-restart',
        text: step.from === undefined ? 'Reconnect forced' : `Reconnect forced from the id ${step.from}`,
      };
    case 'closed': {
      const tone = closeTone(step.reason);
      return {
        tone: tone === 'done' ? 'info' : 'error',
        icon: tone === 'done' ? 'circle-slash' : 'error',
        text:
          step.reason.kind === 'disconnected'
            ? closeText(step.reason)
            : `Closed: ${lowerFirst(closeText(step.reason))}`,
      };
    }
    case 'dropped':
      return {
        tone: 'warning',
        icon: 'warning',
        text:
          step.bound === 'bytes'
            ? `An event of ${step.bytes} bytes was dropped: it is larger than the limit of 16 MiB`
            : 'An event was dropped: it has more lines than the limit of 262,144',
      };
  }
}

/** A state in a word or two. */
export function stateWord(state: SourceState): string {
  switch (state.kind) {
    case 'recorded':
      return 'Recorded';
    case 'idle':
      return 'Not connected';
    case 'connecting':
      return 'Connecting';
    case 'open':
      return 'Open';
    case 'waiting':
      return 'Waiting';
    case 'needsToken':
      return 'Needs a token';
    case 'closed':
      switch (state.reason.kind) {
        case 'disconnected':
          return 'Disconnected';
        case 'completed':
          return 'Completed';
        case 'noContent':
          return 'Stopped';
        default:
          return 'Failed';
      }
  }
}

/** Why a connection is closed, in one sentence without a full stop. */
export function closeText(reason: CloseReason): string {
  switch (reason.kind) {
    case 'disconnected':
      return 'Disconnected';
    case 'completed':
      return 'The server ended the stream';
    case 'noContent':
      return 'The server answered 204 No Content, which tells clients to stop reconnecting';
    case 'contentType':
      return `The server answered ${bodyWords(reason)} instead of an event stream`;
    case 'status':
      // By definition of the status (RFC 9110 section 15.5.8).
      return `The ${reason.status === 407 ? 'proxy' : 'server'} answered ${reason.status}${reason.statusText === '' ? '' : ` ${reason.statusText}`}`;
    case 'redirect':
      return `The server answered ${reason.status}, a redirect ${redirectText(reason)}`;
    case 'unauthorized':
      return `The server answered 401. ${withoutStop(reason.explanation)}`;
    case 'retryAfterTooLong':
      return `The server asks to stay away until ${new Date(reason.until).toISOString()} (Retry-After: ${reason.value})`;
    case 'gaveUp':
      return `Gave up after ${countOf(reason.failures, 'failure')} in a row, as "maxAttempts" says`;
    case 'ended':
      return `Closed: ${lowerFirst(endText(reason.end, reason.wasOpen, undefined))}`;
    case 'request':
      return `The request could not be made: ${withoutStop(reason.message)}`;
  }
}

export function closeTone(reason: CloseReason): 'done' | 'error' {
  const { kind } = reason;
  return kind === 'disconnected' || kind === 'completed' || kind === 'noContent' ? 'done' : 'error';
}

/** What a wait goes back to: "Retry-After: 5". */
export function causeText(cause: WaitCause): string {
  switch (cause.kind) {
    case 'retryAfter':
      return `Retry-After: ${cause.value}`;
    case 'retryField':
      return `retry: ${cause.ms}`;
    case 'backOff':
      return cause.failures === 0 ? 'back-off' : `back-off after ${cause.failures + 1} failures`;
    case 'default':
      return "EventSource's default";
    case 'wake':
      return 'the machine slept';
    case 'tokenSource':
      return 'back-off of the token source';
    case 'tokenRefreshed':
      return 'the token was refreshed';
    case 'gate':
      return 'at most ten attempts a second go to one origin';
  }
}

/** A token source in a word or two; what isn't known (out of a file) as it is. */
export function sourceText(source: string): string {
  switch (source) {
    case 'secret':
      return 'SecretStorage';
    case 'env':
      return 'the environment';
    case 'session':
      return 'the sign-in';
    case 'command':
      return 'the command';
    case 'endpoint':
      return 'the endpoint';
    case 'oauth2':
      return 'the OAuth server';
    default:
      return source;
  }
}

function refreshCauseText(cause: (Step & { step: 'tokenRefreshFailed' })['cause']): string {
  switch (cause) {
    case 'refused':
      return `after 401 · ${verdictText({ do: 'stop' })}`;
    case 'ahead':
      return 'ahead of its end';
    case 'asked':
      return 'you asked for it';
    case 'shared':
      return 'for another connection';
    case 'attempt':
      return 'for an attempt';
  }
}

/** "exp +15 min, jti changed": names of claims, no values but times. */
export function tokenChangeText({ before, after, claims }: Step & { step: 'tokenRefreshed' }): string {
  const { exp: from } = before;
  const { exp: to } = after;
  const moved = from === undefined || to === undefined || from === to ? undefined : to - from;
  const texts = [
    ...(moved === undefined ? [] : [`exp ${moved > 0 ? '+' : '-'}${formatDuration(Math.abs(moved))}`]),
    ...claims
      .filter((name) => name !== 'exp' || moved === undefined)
      .map((name) => `${name} ${name === 'exp' && to === undefined ? 'gone' : 'changed'}`),
  ];
  return texts.length === 0 ? 'another token, no claim changed' : texts.join(', ');
}

export function statusLine(head: ResponseHead): string {
  return head.statusText === '' ? String(head.status) : `${head.status} ${head.statusText}`;
}

/** What an EventSource would have done. */
export function verdictText(verdict: Verdict): string {
  switch (verdict.do) {
    case 'open':
      return 'EventSource: would open';
    case 'follow':
      return 'EventSource: would follow';
    case 'stay':
      return 'EventSource: would stay connected';
    case 'reconnect':
      return `EventSource: would reconnect in ${formatDuration(verdict.ms)}`;
    case 'stop':
      return 'EventSource: would stop here';
  }
}

/** Why an attempt is over, and after how long where `openMs` is given. */
export function endText(end: AttemptEnd, wasOpen: boolean, openMs: number | undefined): string {
  const after = openMs === undefined ? '' : ` after ${formatDuration(openMs)}`;
  if (end.kind === 'end') {
    return wasOpen
      ? `The server ended the stream${after}`
      : 'The server closed the connection without an answer';
  }
  if (end.kind === 'idle') return `Cut off${after}: nothing arrived for ${formatDuration(end.ms)}`;
  if (end.kind === 'wake')
    return `Replaced${after}: the machine slept for ${formatDuration(end.ms)}, and nothing arrived since`;
  const why = transportErrorText(end);
  return wasOpen ? `Connection lost${after}: ${why}` : `No connection: ${why}`;
}

function oddityText(oddity: Oddity): string {
  switch (oddity.kind) {
    case 'unknownField':
      return `The unknown field ${JSON.stringify(oddity.field)} was ignored`;
    case 'badRetry':
      return `The field retry was ignored: ${JSON.stringify(oddity.value)} is not a number of milliseconds`;
    case 'nulInId':
      return 'An id was ignored: it has a NUL character in it';
    case 'bom':
      return 'A line was ignored: it begins with a byte order mark, which belongs to the start of the stream only';
    case 'invalidUtf8':
      return 'Bytes that are not UTF-8 were replaced by "\uFFFD"';
    case 'unfinished':
      return `The last ${oddity.bytes} bytes were discarded: the stream ended before the blank line behind them`;
    case 'onlyComments':
      return `The stream ended after ${oddity.comments} comments without an event`;
    case 'more':
      return 'More oddities of this attempt are not shown';
  }
}

function redirectText({ problem, location, origin }: CloseReason & { kind: 'redirect' }): string {
  switch (problem) {
    case 'otherOrigin':
      return `to another origin, ${origin}; nothing was sent there: connect to ${location} if you trust it`;
    case 'tooMany':
      return `too many: more than ${mostRedirects} in a row, the last to ${location}`;
    case 'missing':
      return 'without a Location';
    case 'empty':
      return 'with an empty Location';
    case 'unparsable':
      return `to something that is no URL: ${location}`;
    case 'scheme':
      return `to something that is not HTTP: ${location}`;
    case 'userinfo':
      return 'to a URL with a user name or password in it, which is never used';
    case 'credential':
      return `to another origin, ${origin}, that has a credential in its URL; nothing was sent there`;
    case 'body':
      return `to another origin, ${origin}; the request's body is not sent there`;
  }
}

function bodyWords(reason: CloseReason & { kind: 'contentType' }): string {
  const type = reason.contentType === '' ? 'no content type' : reason.contentType;
  switch (reason.body) {
    case 'html':
      return `an HTML page (${type}), perhaps a login or an error page,`;
    case 'json':
      return `JSON (${type})`;
    case 'eventStream':
      return `what looks like an event stream labelled ${type}`;
    case 'empty':
      return `an empty body (${type})`;
    case 'other':
      return type;
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}
