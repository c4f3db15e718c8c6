import type { AttemptEnd, CloseReason, WaitCause } from '../sse/policies.ts';
import type { Step } from '../sse/steps.ts';
import type { Note } from './records.ts';

/** Why an attempt was made. */
export type AttemptOrigin =
  | { kind: 'connect' }
  | { kind: 'forced' }
  | { kind: 'token' }
  | { kind: 'redirect'; from: number }
  | { kind: 'waited'; cause: WaitCause };

/** How far an attempt came, or how it ended. */
export type AttemptOutcome =
  | { kind: 'open' }
  | { kind: 'redirected' }
  /** An answer that isn't a stream. `explanation` ties a 401 to the token that was sent. */
  | { kind: 'answered'; explanation?: string; injected?: true }
  | { kind: 'ended'; end: AttemptEnd; wasOpen: boolean }
  | { kind: 'needsToken' }
  /** The token's source failed: nothing was sent. */
  | { kind: 'noToken' }
  | { kind: 'closed'; reason: CloseReason }
  /** It was open or on its way when a new attempt was made in its place. */
  | { kind: 'replaced' };

/** Events and their bytes, all that a capture ever received. */
export interface Received {
  events: number;
  bytes: number;
}

/** One HTTP request of a connection in short. Times are epoch milliseconds. */
export interface Attempt {
  attempt: number;
  origin: AttemptOrigin;
  startedAt: number;
  /** Missing while there is no answer. */
  outcome?: AttemptOutcome;
  /** The status of its answer. */
  status?: { code: number; text: string };
  /** When the answer, or what came instead of it, was there; missing where nothing was sent. */
  answeredAt?: number;
  /** What the capture had received when the stream was opened, and when it was over. */
  opened?: Received & { at: number };
  over?: Received & { at: number };
  /** Positions of its steps, in order. */
  steps: number[];
}

/** So many attempts are known; of older ones only how many there were. */
const mostAttempts = 200;
/** A connection makes far fewer; a file may hold anything. */
const mostSteps = 32;
const mostCharacters = 300;

/** The last attempts of a connection, kept beside its records: nobody has to look through those for a step. */
export class AttemptLog {
  readonly #list: Attempt[] = [];
  #older = 0;
  #version = 0;
  /** Why the next attempt will be made, as far as the steps say. */
  #next: AttemptOrigin = { kind: 'connect' };

  /** Oldest first. */
  get list(): readonly Attempt[] {
    return this.#list;
  }

  /** Attempts that aren't listed any more. */
  get older(): number {
    return this.#older;
  }

  /** Another number, another list. */
  get version(): number {
    return this.#version;
  }

  /** Why the attempt after the last one is made. */
  get next(): AttemptOrigin {
    return this.#next;
  }

  get(attempt: number): Attempt | undefined {
    return this.#list.findLast((one) => one.attempt === attempt);
  }

  /** @param received what the capture has received by now */
  add(time: number, attempt: number, position: number, step: Step | Note, received: Received): void {
    switch (step.step) {
      // They are about what the stream holds, or doesn't; about the window, or the fault lab.
      case 'restored':
      case 'oddity':
      case 'dropped':
      case 'fault':
      case 'escaped':
      case 'verdict':
      case 'scenario':
      case 'silence':
        return;
    }
    this.#version++;
    const one = this.#attempt(time, attempt, step, received);
    if (one.steps.length < mostSteps) one.steps.push(position);
    this.#tell(one, time, step, received);
  }

  #attempt(time: number, attempt: number, step: Step, received: Received): Attempt {
    const last = this.#list.at(-1);
    if (last?.attempt === attempt) return last;
    if (last && (!last.outcome || last.outcome.kind === 'open')) {
      finish(last, time, received);
      last.outcome = { kind: 'replaced' };
    }
    const origin: AttemptOrigin = step.step === 'forced' ? { kind: 'forced' } : this.#next;
    const made: Attempt = { attempt, origin, startedAt: time, steps: [] };
    this.#next = { kind: 'connect' };
    this.#list.push(made);
    if (this.#list.length > mostAttempts) {
      this.#list.shift();
      this.#older++;
    }
    return made;
  }

  #tell(one: Attempt, time: number, step: Step, received: Received): void {
    const request = 'request' in step ? step.request : undefined;
    if (request) one.startedAt = request.time;
    if ('head' in step) {
      const { status: code, statusText } = step.head;
      one.status = { code, text: lightCopy(statusText) };
      one.answeredAt = time;
    }
    switch (step.step) {
      case 'open':
        if (!request) one.startedAt = time - step.ms;
        one.opened = { ...received, at: time };
        one.outcome = { kind: 'open' };
        break;
      case 'redirect':
        one.outcome = { kind: 'redirected' };
        this.#next = { kind: 'redirect', from: one.attempt };
        break;
      case 'answer':
        one.outcome = lightCopy({
          kind: 'answered',
          ...(step.explanation ? { explanation: step.explanation } : {}),
          ...(step.head.injected ? { injected: true as const } : {}),
        });
        break;
      case 'ended':
        if (!step.wasOpen) one.answeredAt = time;
        finish(one, time, received);
        one.outcome = { kind: 'ended', end: lightCopy(step.end), wasOpen: step.wasOpen };
        break;
      case 'waiting':
        // The gate only makes a wait longer that has a cause of its own.
        if (step.cause.kind !== 'gate' || this.#next.kind !== 'waited')
          this.#next = { kind: 'waited', cause: lightCopy(step.cause) };
        break;
      case 'tokenRefreshFailed':
        if (step.cause === 'attempt') one.outcome = { kind: 'noToken' };
        break;
      case 'needsToken':
        one.outcome ??= { kind: 'needsToken' };
        this.#next = { kind: 'token' };
        break;
      case 'closed':
        finish(one, time, received);
        if (!one.outcome || one.outcome.kind === 'open')
          one.outcome = { kind: 'closed', reason: lightCopy(step.reason) };
        this.#next = { kind: 'connect' };
        break;
    }
  }
}

function finish(one: Attempt, at: number, received: Received): void {
  if (one.opened) one.over ??= { ...received, at };
}

/** With the ends of long texts cut off; the texts are its own: a part of a string keeps the whole of it in memory. */
function lightCopy<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(value, (_, part) => (typeof part === 'string' ? part.slice(0, mostCharacters) : part)),
  );
}
