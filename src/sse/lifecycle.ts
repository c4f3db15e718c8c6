// The life of a connection as a pure machine: (lifecycle, input) -> next lifecycle and effects. Clock, random
// and network come in as values, so every path can be walked in a test. `connection.ts` runs it.
import type { Random } from '../base/clock.ts';
import {
  type AttemptEnd,
  type CloseReason,
  type Decision,
  isEventStream,
  longestWaitMs,
  mediaType,
  type Outcome,
  type Policy,
  type PolicyContext,
  policies,
  type ReconnectSettings,
  shortestWaitMs,
  type TokenTraits,
  type WaitCause,
} from './policies.ts';
import type { Redirect } from './redirect.ts';
import type { SentRequest } from './sentRequest.ts';
import type { AttemptCause, ConnectionState, RefreshResult, Step, Verdict } from './steps.ts';
import type { ResponseHead } from './transport.ts';

export interface Lifecycle {
  readonly state: ConnectionState;
  /** Numbers the attempts; a callback that carries an older number comes too late and is dropped. */
  readonly attempt: number;
  /** Why the present attempt was made. */
  readonly cause: AttemptCause;
  /** Failures in a row; a minute of health clears it. */
  readonly failures: number;
  /** Redirects followed since the attempt that was made for `cause`; each is a request with a number of its own. */
  readonly redirects: number;
  readonly retryMs: number | undefined;
  /** The head of a response that the policy won't open, while its body is read for the record. */
  readonly answer: Answer | undefined;
  /** Answers of 401 in a row. */
  readonly refusals: number;
  /** Why the last token won't do, while another one is had from its source. */
  readonly refreshing: string | undefined;
}

interface Answer {
  head: ResponseHead;
  redirect: Redirect | undefined;
  decision: Decision;
}

export const initialLifecycle: Lifecycle = {
  state: { kind: 'idle' },
  attempt: 0,
  cause: 'connect',
  failures: 0,
  redirects: 0,
  retryMs: undefined,
  answer: undefined,
  refusals: 0,
  refreshing: undefined,
};

/** Milliseconds a connection must have been open before its failures are forgotten. */
export const healthyAfterMs = 60_000;

export type Input =
  | { type: 'connect' }
  | { type: 'disconnect' }
  /** `from`: the last event id that the user chose to go on from. */
  | { type: 'forceReconnect'; from?: string }
  /** The user gave a token. */
  | { type: 'tokenSet' }
  | { type: 'timer'; attempt: number }
  /** The wait is over, but others come first: so many milliseconds more, to be ended by `timer`. */
  | { type: 'held'; attempt: number; ms: number }
  /** No request could be made: there is no token (then it is asked for), or the request is impossible. */
  | { type: 'noToken'; attempt: number }
  | { type: 'badRequest'; attempt: number; message: string }
  /** The token's source failed, and may work in so many milliseconds. */
  | { type: 'tokenFailed'; attempt: number; source: string; message: string; retryMs: number }
  /** What came of the effect `refreshToken`. */
  | { type: 'refreshed'; attempt: number; result: RefreshResult }
  | { type: 'head'; attempt: number; head: ResponseHead; redirect?: Redirect | undefined }
  /** The body of an answer that isn't opened was read, as far as it is kept. */
  | { type: 'body'; attempt: number; text: string; explanation?: string }
  | { type: 'retryField'; attempt: number; ms: number }
  | { type: 'ended'; attempt: number; end: AttemptEnd };

export type Effect =
  /** Abort what is in flight, authorize, send. */
  | { do: 'attempt'; attempt: number; cause: AttemptCause }
  | { do: 'abort' }
  /** Send the attempt's request again, to where the last answer points. */
  | { do: 'follow'; attempt: number }
  /** Have another token from its source, then report with `refreshed`. */
  | { do: 'refreshToken'; attempt: number }
  /** Read the body of the answer (bounded), then report it with `body`. */
  | { do: 'readBody'; attempt: number }
  | { do: 'startTimer'; attempt: number; ms: number }
  | { do: 'stopTimer' }
  /** `attempt` where it isn't the present one that the step belongs to. */
  | { do: 'record'; step: Step; attempt?: number };

export interface LifecycleContext {
  policy: Policy;
  reconnect: ReconnectSettings;
  token: TokenTraits;
  now: number;
  random: Random;
  /** What the attempt under way sent as Last-Event-ID. */
  lastEventId: string;
  /** The request of the attempt under way, where the input is about its answer. */
  request?: SentRequest | undefined;
}

export interface Transition {
  next: Lifecycle;
  effects: Effect[];
}

export function advance(life: Lifecycle, input: Input, context: LifecycleContext): Transition {
  if ('attempt' in input && input.attempt !== life.attempt) return stay(life);
  switch (input.type) {
    case 'connect':
      // Asked for once more where only a token was missing, it looks for one again.
      if (life.state.kind === 'needsToken') return start({ ...life, refusals: 0 }, 'connect', context);
      return isActive(life)
        ? stay(life)
        : start({ ...life, failures: 0, refusals: 0, retryMs: undefined }, 'connect', context);
    case 'forceReconnect':
      return start({ ...life, failures: 0, refusals: 0 }, 'forced', context, [
        {
          do: 'record',
          step: { step: 'forced', ...(input.from === undefined ? {} : { from: input.from }) },
        },
      ]);
    case 'tokenSet':
      // Only a connection that waits for it is moved; others use the new token at their next attempt.
      return life.state.kind === 'needsToken'
        ? start({ ...life, refusals: 0 }, 'token', context)
        : stay(life);
    case 'disconnect':
      return isActive(life) ? close(life, { kind: 'disconnected' }, context) : stay(life);
    case 'timer':
      return life.state.kind === 'waiting' ? start(life, 'retry', context) : stay(life);
    case 'held':
      return life.state.kind === 'waiting' ? hold(life, input.ms, context) : stay(life);
    default:
      return isInFlight(life) ? hear(life, input, context) : stay(life);
  }
}

/** Whether the connection is wanted: it is open or on its way there, by itself or with the user's help. */
export function isActive(life: Lifecycle): boolean {
  return life.state.kind !== 'idle' && life.state.kind !== 'closed';
}

function isInFlight(life: Lifecycle): boolean {
  return life.state.kind === 'connecting' || life.state.kind === 'open';
}

type FlightInput = Exclude<
  Input,
  { type: 'connect' | 'disconnect' | 'forceReconnect' | 'tokenSet' | 'timer' | 'held' }
>;

/** What an attempt in flight reports. */
function hear(life: Lifecycle, input: FlightInput, context: LifecycleContext): Transition {
  if (life.refreshing !== undefined)
    return input.type === 'refreshed'
      ? hearRefreshed({ ...life, refreshing: undefined }, life.refreshing, input.result, context)
      : stay(life);
  switch (input.type) {
    case 'refreshed':
      return stay(life);
    case 'tokenFailed': {
      const { source, message, retryMs } = input;
      const outcome: Outcome = { kind: 'tokenFailed', message, retryMs };
      const step: Step = { step: 'tokenRefreshFailed', source, cause: 'attempt', reason: message };
      const decision = context.policy(outcome, policyContext(life, context));
      return carryOut(life, decision, context, [{ do: 'record', step }]);
    }
    case 'noToken':
      return needToken(life, '', context);
    case 'badRequest':
      return close(life, { kind: 'request', message: input.message }, context);
    case 'retryField':
      return stay({ ...life, retryMs: Math.min(input.ms, longestWaitMs) });
    case 'head':
      return hearHead(life, input, context);
    case 'body':
      return life.answer ? settle(life, life.answer, input, context) : stay(life);
    case 'ended':
      return hearEnd(life, input.end, context);
  }
}

function hearHead(
  life: Lifecycle,
  { head, redirect }: FlightInput & { type: 'head' },
  context: LifecycleContext,
): Transition {
  if (life.state.kind !== 'connecting' || life.answer) return stay(life);
  const outcome: Outcome = { kind: 'head', head, redirect };
  const decision = context.policy(outcome, policyContext(life, context));
  if (decision.do === 'follow' && redirect) {
    const attempt = life.attempt + 1;
    const { from, to } = redirect;
    const browser = verdict(outcome, life, context);
    const step: Step = { step: 'redirect', head, from, to, browser, ...sent(context) };
    return {
      next: { ...life, attempt, redirects: life.redirects + 1 },
      effects: [{ do: 'record', step, attempt: life.attempt }, { do: 'abort' }, { do: 'follow', attempt }],
    };
  }
  if (decision.do !== 'open') {
    return {
      next: { ...life, answer: { head, redirect, decision } },
      effects: [{ do: 'readBody', attempt: life.attempt }],
    };
  }
  const { now, lastEventId } = context;
  const { cause, redirects } = life;
  const ms = Math.max(0, now - life.state.since);
  return {
    next: { ...life, refusals: 0, state: { kind: 'open', since: now } },
    effects: [
      { do: 'record', step: { step: 'open', head, cause, ms, lastEventId, redirects, ...sent(context) } },
    ],
  };
}

/** An answer that isn't a stream, with its body read: now the decision is carried out. */
function settle(
  life: Lifecycle,
  { head, redirect, decision }: Answer,
  { text, explanation }: { text: string; explanation?: string },
  context: LifecycleContext,
): Transition {
  const browser = verdict({ kind: 'head', head, redirect }, life, context);
  const explained = explanation ? { explanation } : {};
  const step: Step = { step: 'answer', head, body: text, browser, ...explained, ...sent(context) };
  const before: Effect[] = [{ do: 'record', step }];
  const again = life.refusals > 0 ? ' The token before it was refused, too: no third one is tried.' : '';
  const why = `${explanation ?? `The server answered ${head.status}.`}${head.status === 401 ? again : ''}`;
  if (decision.do === 'refreshToken') {
    return {
      next: { ...life, answer: undefined, refusals: life.refusals + 1, refreshing: why },
      effects: [...before, { do: 'abort' }, { do: 'refreshToken', attempt: life.attempt }],
    };
  }
  if (decision.do === 'askToken') return needToken(life, why, context, before);
  if (decision.do === 'close') return close(life, named(decision.reason, head, text, why), context, before);
  return carryOut(life, decision, context, before);
}

/** Another token was looked for after a 401; `why` says what that was for. */
function hearRefreshed(
  life: Lifecycle,
  why: string,
  result: RefreshResult,
  context: LifecycleContext,
): Transition {
  switch (result.kind) {
    case 'refreshed':
      return wait(life, shortestWaitMs, { kind: 'tokenRefreshed' }, context, [
        { do: 'record', step: result.step },
      ]);
    case 'unchanged': {
      if (result.canAsk) return needToken(life, why, context);
      return close(
        life,
        { kind: 'unauthorized', explanation: `${why} Its source has no other token.` },
        context,
      );
    }
    case 'failed': {
      const { source, reason, retryMs } = result;
      const before: Effect[] = [
        { do: 'record', step: { step: 'tokenRefreshFailed', source, cause: 'refused', reason } },
      ];
      if (retryMs === undefined)
        return close(life, { kind: 'unauthorized', explanation: `${why} ${reason}` }, context, before);
      const outcome: Outcome = { kind: 'tokenFailed', message: reason, retryMs };
      const decision = context.policy(outcome, policyContext(life, context));
      return carryOut(life, decision, context, before);
    }
  }
}

/** A close reason with what only the body and the token can tell. */
function named(reason: CloseReason, head: ResponseHead, body: string, explanation: string): CloseReason {
  if (reason.kind === 'contentType') return { ...reason, body: guessBody(head, body) };
  if (reason.kind === 'status' && reason.status === 401) return { kind: 'unauthorized', explanation };
  return reason;
}

function guessBody(head: ResponseHead, body: string): (CloseReason & { kind: 'contentType' })['body'] {
  const type = mediaType(head);
  const text = body.trimStart();
  if (text === '') return 'empty';
  if (type.endsWith('html') || /^<(?:!doctype|html)/i.test(text)) return 'html';
  if (type.endsWith('json') || /^[[{]/.test(text)) return 'json';
  return /^(?:data|event|id|retry)?:/m.test(text) ? 'eventStream' : 'other';
}

function hold(life: Lifecycle, ms: number, { now }: LifecycleContext): Transition {
  const until = now + ms;
  const cause: WaitCause = { kind: 'gate' };
  return {
    next: { ...life, state: { kind: 'waiting', since: now, until, cause } },
    effects: [{ do: 'record', step: { step: 'waiting', until, ms, cause } }],
  };
}

function hearEnd(life: Lifecycle, end: AttemptEnd, context: LifecycleContext): Transition {
  const wasOpen = life.state.kind === 'open';
  const openMs = life.state.kind === 'open' ? Math.max(0, context.now - life.state.since) : 0;
  const healthy = wasOpen && openMs >= healthyAfterMs ? { ...life, failures: 0 } : life;
  const outcome: Outcome = { kind: 'ended', end, wasOpen };
  const decision = context.policy(outcome, policyContext(healthy, context));
  if (decision.do === 'stay') return stay(life);
  const browser = verdict(outcome, healthy, context);
  const request = wasOpen ? {} : sent(context);
  const before: Effect[] = [
    { do: 'record', step: { step: 'ended', end, wasOpen, openMs, browser, ...request } },
  ];
  return carryOut(healthy, decision, context, before);
}

function carryOut(
  life: Lifecycle,
  decision: Decision,
  context: LifecycleContext,
  before: Effect[],
): Transition {
  switch (decision.do) {
    case 'close':
      return close(life, decision.reason, context, before);
    case 'askToken':
      return needToken(life, '', context, before);
    case 'open':
    case 'follow':
    case 'stay':
    // A 401 has a body to be read first: `settle` carries it out.
    case 'refreshToken':
      return { next: life, effects: before };
    case 'wait':
      return wait({ ...life, failures: life.failures + 1 }, decision.ms, decision.cause, context, before);
  }
}

function wait(
  life: Lifecycle,
  asked: number,
  cause: WaitCause,
  { now }: LifecycleContext,
  before: Effect[],
): Transition {
  // Whatever policy decided: never a busy loop, never more than a timer can wait.
  const ms = Math.min(Math.max(asked, shortestWaitMs), longestWaitMs);
  const until = now + ms;
  return {
    next: { ...life, answer: undefined, state: { kind: 'waiting', since: now, until, cause } },
    effects: [
      ...before,
      { do: 'abort' },
      { do: 'record', step: { step: 'waiting', until, ms, cause } },
      { do: 'startTimer', attempt: life.attempt, ms },
    ],
  };
}

function start(
  life: Lifecycle,
  cause: AttemptCause,
  context: LifecycleContext,
  before: Effect[] = [],
): Transition {
  const attempt = life.attempt + 1;
  const state: ConnectionState = { kind: 'connecting', since: context.now };
  return {
    next: { ...life, attempt, cause, redirects: 0, answer: undefined, refreshing: undefined, state },
    effects: [...before, { do: 'stopTimer' }, { do: 'abort' }, { do: 'attempt', attempt, cause }],
  };
}

function needToken(
  life: Lifecycle,
  explanation: string,
  context: LifecycleContext,
  before: Effect[] = [],
): Transition {
  return {
    next: {
      ...life,
      answer: undefined,
      refreshing: undefined,
      state: { kind: 'needsToken', since: context.now, explanation },
    },
    effects: [...before, { do: 'abort' }, { do: 'record', step: { step: 'needsToken', explanation } }],
  };
}

function close(
  life: Lifecycle,
  reason: CloseReason,
  context: LifecycleContext,
  before: Effect[] = [],
): Transition {
  return {
    next: {
      ...life,
      answer: undefined,
      refreshing: undefined,
      state: { kind: 'closed', since: context.now, reason },
    },
    effects: [
      ...before,
      { do: 'stopTimer' },
      { do: 'abort' },
      { do: 'record', step: { step: 'closed', reason } },
    ],
  };
}

function sent({ request }: LifecycleContext): { request?: SentRequest } {
  return request ? { request } : {};
}

function stay(life: Lifecycle): Transition {
  return { next: life, effects: [] };
}

function policyContext(life: Lifecycle, context: LifecycleContext): PolicyContext {
  const { now, random, reconnect, token } = context;
  const { failures, redirects, refusals, retryMs } = life;
  return { failures, redirects, refusals, retryMs, reconnect, token, now, random };
}

function verdict(outcome: Outcome, life: Lifecycle, context: LifecycleContext): Verdict {
  return browserVerdict(outcome, policyContext(life, context));
}

export function browserVerdict(outcome: Outcome, context: PolicyContext): Verdict {
  if (outcome.kind === 'head' && isEventStream(outcome.head)) return { do: 'open' };
  const decision = policies.browser(outcome, context);
  if (decision.do === 'follow' || decision.do === 'stay') return { do: decision.do };
  return decision.do === 'wait' ? { do: 'reconnect', ms: decision.ms } : { do: 'stop' };
}
