// What a client did while a scenario ran, gathered from its records as they come. Pure.
import { headerValue } from '../base/headers.ts';
import type { CaptureRecord, EventRecord, StepRecord } from '../capture/records.ts';
import { ownIdOf } from '../session/lastEventIdOf.ts';
import { retryAfter } from '../sse/policies.ts';
import type { SentRequest } from '../sse/sentRequest.ts';
import { IdCount } from './idCount.ts';

/** Something counted, with the first of the records that show it. */
export interface Counted {
  count: number;
  positions: number[];
}

/** Counted where it could be told at all. */
export interface Told {
  count: number | undefined;
  positions: number[];
}

/** Something that was right each time, or wrong once, as `wrong` says. */
export interface Kept extends Counted {
  wrong?: string;
}

/** From where the stream was lost until it was open again; missing where it isn't. Epoch milliseconds. */
export interface Outage {
  since: number;
  until?: number;
  positions: number[];
}

export type EndState = 'open' | 'waiting' | 'closed' | 'needsToken';

const mostPositions = 20;
const mostOutages = 1_000;
/** So many ids of earlier events are compared with what comes after a reconnect. */
const mostIds = 10_000;

/** One client's. */
export class Evidence {
  readonly outages: Outage[] = [];
  readonly attempts: Counted = { count: 0, positions: [] };
  readonly refreshes: Counted = { count: 0, positions: [] };
  readonly lost: Told = { count: 0, positions: [] };
  readonly doubled: Told = { count: 0, positions: [] };
  readonly resumed: Kept = { count: 0, positions: [] };
  readonly retryAfters: Kept = { count: 0, positions: [] };
  /** The records of answers, by status. */
  readonly answers = new Map<number, number[]>();
  state: EndState | undefined;
  stateAt: number[] = [];
  #lastAttempt = 0;
  #events = 0;
  #ids: string[] = [];
  /** The id that the next attempt should send. */
  #lastId = '';
  #after: IdCount | undefined;
  /** Before then nobody should come back, as the answer at `position` says. */
  #away: { until: number; position: number; value: string } | undefined;

  /** @param isOpen whether its stream is open as it begins */
  constructor(isOpen: boolean) {
    if (isOpen) this.state = 'open';
  }

  add(record: CaptureRecord): void {
    if (record.kind === 'event') this.#event(record);
    else if (record.kind === 'step') this.#step(record);
  }

  #event(record: EventRecord): void {
    const id = ownIdOf(record);
    this.#events++;
    this.#compare(id, record.position);
    if (id === '') return;
    this.#lastId = id;
    this.#ids.push(id);
    if (this.#ids.length >= 2 * mostIds) this.#ids = this.#ids.slice(-mostIds);
  }

  /** After a reconnect, up to the first event that is new. */
  #compare(id: string, position: number): void {
    const after = this.#after;
    if (!after) return;
    const doubledBefore = after.doubled ?? 0;
    const isNew = after.add([id]);
    const { doubled, missed } = after;
    if (doubled === undefined) this.doubled.count = undefined;
    else if (doubled > doubledBefore && this.doubled.count !== undefined) count(this.doubled, position);
    if (!isNew) return;
    this.#after = undefined;
    if (missed === undefined) this.lost.count = undefined;
    else if (missed > 0 && this.lost.count !== undefined) {
      this.lost.count += missed;
      note(this.lost, position);
    }
  }

  #step({ position, time, attempt, step }: StepRecord): void {
    switch (step.step) {
      case 'open':
        this.#attempted(step.request, attempt, position, time, step.lastEventId);
        this.#enter('open', position);
        this.#found(time, position);
        if (this.#events > 0)
          this.#after = new IdCount({ events: this.#events, ids: this.#ids.slice(-mostIds) });
        noteStatus(this.answers, step.head.status, position);
        break;
      case 'answer':
        this.#attempted(step.request, attempt, position, time);
        this.#missed(time, position);
        noteStatus(this.answers, step.head.status, position);
        this.#enter('closed', position);
        this.#askedAway(headerValue(step.head.headers, 'retry-after'), time, position);
        break;
      case 'redirect':
        noteStatus(this.answers, step.head.status, position);
        // It goes on under the next number.
        this.#lastAttempt = attempt + 1;
        this.#begun(position, step.request, time);
        break;
      case 'ended':
        if (!step.wasOpen) this.#attempted(step.request, attempt, position, time);
        // What a connection of ours does next, another record says; of a proxy's client nothing more is known.
        this.#enter('closed', position);
        this.#missed(time, position);
        break;
      case 'forced':
        this.#away = undefined;
        if (this.state === 'open') this.#missed(time, position);
        break;
      case 'waiting':
        this.#enter('waiting', position);
        break;
      case 'needsToken':
        this.#enter('needsToken', position);
        break;
      case 'closed':
        this.#enter('closed', position);
        this.#missed(time, position);
        break;
      case 'tokenRefreshed':
        if (step.cause !== 'shared') count(this.refreshes, position);
        break;
      case 'tokenRefreshFailed':
        if (step.cause !== 'shared' && step.cause !== 'attempt') count(this.refreshes, position);
        break;
    }
  }

  #enter(state: EndState, position: number): void {
    this.state = state;
    this.stateAt = [position];
  }

  #missed(time: number, position: number): void {
    const last = this.outages.at(-1);
    if (last && last.until === undefined) note(last, position);
    else if (this.outages.length < mostOutages) this.outages.push({ since: time, positions: [position] });
  }

  #found(time: number, position: number): void {
    const last = this.outages.at(-1);
    if (!last || last.until !== undefined) return;
    last.until = time;
    note(last, position);
  }

  #attempted(
    request: SentRequest | undefined,
    attempt: number,
    position: number,
    time: number,
    sent = headerValue(request?.headers ?? [], 'last-event-id') ?? '',
  ): void {
    if (attempt === this.#lastAttempt) return;
    this.#lastAttempt = attempt;
    this.#begun(position, request, time);
    if (!request || this.#lastId === '') return;
    this.resumed.count++;
    note(this.resumed, position);
    const isOlder = sent !== this.#lastId && this.#ids.includes(sent);
    if (sent !== '' && !isOlder) return;
    this.resumed.wrong ??= `attempt ${attempt} sent ${sent === '' ? 'none' : short(sent)} after the event ${short(this.#lastId)}`;
  }

  #begun(position: number, request: SentRequest | undefined, time: number): void {
    count(this.attempts, position);
    const away = this.#away;
    this.#away = undefined;
    if (!away) return;
    this.retryAfters.count++;
    note(this.retryAfters, away.position);
    note(this.retryAfters, position);
    const early = away.until - (request?.time ?? time);
    if (early <= 0) return;
    this.retryAfters.positions.unshift(position);
    this.retryAfters.wrong ??= `came back ${early} ms too early after Retry-After: ${away.value}`;
  }

  #askedAway(value: string | undefined, time: number, position: number): void {
    const asked = retryAfter(value, time);
    this.#away = asked && { until: time + asked.ms, position, value: asked.value };
  }
}

function count(what: { count: number | undefined; positions: number[] }, position: number): void {
  what.count = (what.count ?? 0) + 1;
  note(what, position);
}

function note({ positions }: { positions: number[] }, position: number): void {
  if (positions.length < mostPositions && positions.at(-1) !== position) positions.push(position);
}

function noteStatus(answers: Map<number, number[]>, status: number, position: number): void {
  const positions = answers.get(status) ?? [];
  note({ positions }, position);
  answers.set(status, positions);
}

function short(id: string): string {
  return JSON.stringify(id.slice(0, 60));
}
