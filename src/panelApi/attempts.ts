// The attempts of a capture as the Request tab lists them. Pure projections.
import type { Attempt, AttemptOrigin, Received } from '../capture/attemptLog.ts';
import type { CaptureSource } from '../session/captureSource.ts';
import { causeText, closeText, closeTone, endText } from '../session/describe.ts';
import { isInjectedEnd } from '../sse/policies.ts';
import type { AttemptList, AttemptRow } from './attemptMessages.ts';

/** All that are known, newest first, the one under way at the top. */
export function attemptsOf(source: CaptureSource): AttemptList {
  const { attempts, received } = source.capture;
  const rows = attempts.list.map((attempt) => rowOf(attempt, received)).reverse();
  const underWay = rowUnderWay(source);
  return {
    capture: source.captureId,
    rows: underWay ? [underWay, ...rows] : rows,
    whole: true,
    older: attempts.older,
  };
}

/** What goes on changing without a step: the counts of an open stream. */
export function openAttempt(source: CaptureSource): AttemptRow | undefined {
  const last = source.capture.attempts.list.at(-1);
  return last?.outcome?.kind === 'open' ? rowOf(last, source.capture.received) : undefined;
}

/** A request that no step tells of yet. */
function rowUnderWay({ state, attempts, capture }: CaptureSource): AttemptRow | undefined {
  const last = capture.attempts.list.at(-1);
  if (state.kind !== 'connecting' || attempts === 0 || last?.attempt === attempts) return undefined;
  return rowOf(
    { attempt: attempts, origin: capture.attempts.next, startedAt: state.since, steps: [] },
    capture.received,
  );
}

function rowOf(one: Attempt, received: Received): AttemptRow {
  const { attempt, opened, over, status, startedAt } = one;
  const until = over ?? received;
  const events = opened ? until.events - opened.events : 0;
  const title = status ? `${status.code} ${status.text}`.trim() : '';
  const isOpen = one.outcome?.kind === 'open';
  return {
    attempt,
    ...faceOf(one, title),
    origin: originText(one.origin),
    startedAt,
    ...(one.outcome ? {} : { underWay: true as const }),
    ...(isOpen && opened ? { openSince: opened.at } : {}),
    wasOpen: opened !== undefined,
    events,
    bytes: opened ? until.bytes - opened.bytes : 0,
    // When the first event came is a part of the exchange, too.
    revision: one.steps.length * 2 + (events > 0 ? 1 : 0),
  };
}

type Face = Pick<AttemptRow, 'tone' | 'icon' | 'title' | 'text'>;

/** What the fault lab did says so. */
function faceOf(attempt: Attempt, title: string): Face {
  const face = plainFaceOf(attempt, title);
  const { outcome } = attempt;
  const injected =
    outcome?.kind === 'ended' ? isInjectedEnd(outcome.end) : outcome?.kind === 'answered' && outcome.injected;
  return injected ? { ...face, icon: 'beaker', text: `Injected: ${face.text}` } : face;
}

function plainFaceOf({ outcome, opened, over, status }: Attempt, title: string): Face {
  const openMs = opened && over ? over.at - opened.at : 0;
  switch (outcome?.kind) {
    case undefined:
      return {
        tone: 'info',
        icon: 'loading codicon-modifier-spin',
        title: 'Connecting',
        text: 'No answer yet',
      };
    case 'open':
      return { tone: 'success', icon: 'pass-filled', title, text: 'Open' };
    case 'redirected':
      return { tone: 'info', icon: 'arrow-right', title, text: 'Redirected' };
    case 'answered':
      return status?.code === 204
        ? { tone: 'info', icon: 'info', title, text: 'The server says stop' }
        : { tone: 'error', icon: 'error', title, text: outcome.explanation ?? failureText(status) };
    case 'ended':
      return {
        tone: outcome.end.kind === 'end' ? 'warning' : 'error',
        icon: outcome.end.kind === 'end' ? 'debug-disconnect' : 'error',
        title: title === '' ? 'No answer' : title,
        text: endText(outcome.end, outcome.wasOpen, openMs),
      };
    case 'needsToken':
      return { tone: 'warning', icon: 'key', title: 'Not sent', text: 'A token is needed' };
    case 'noToken':
      return { tone: 'error', icon: 'key', title: 'Not sent', text: 'The token source gave no token' };
    case 'closed': {
      const done = closeTone(outcome.reason) === 'done';
      const nothingSent = outcome.reason.kind === 'request' ? 'Not sent' : 'No answer';
      return {
        tone: done ? 'info' : 'error',
        icon: done ? 'circle-slash' : 'error',
        title: title === '' ? nothingSent : title,
        text: closeText(outcome.reason),
      };
    }
    case 'replaced':
      return {
        tone: 'info',
        icon: 'debug-restart',
        title: title === '' ? 'No answer' : title,
        text: 'Given up for a new attempt',
      };
  }
}

function failureText(status: Attempt['status']): string {
  return status !== undefined && status.code < 300 ? 'Not an event stream' : 'Failed';
}

/** Why an attempt was made. */
export function originText(origin: AttemptOrigin): string {
  switch (origin.kind) {
    case 'connect':
      return 'Connect';
    case 'forced':
      return 'Force Reconnect';
    case 'token':
      return 'a token was set';
    case 'redirect':
      return `redirect of attempt ${origin.from}`;
    case 'waited':
      return causeText(origin.cause);
  }
}
