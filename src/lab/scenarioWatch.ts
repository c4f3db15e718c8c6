import { type Disposable, DisposableStore } from '../base/disposables.ts';
import { Emitter, type Event } from '../base/emitter.ts';
import type { Capture } from '../capture/capture.ts';
import type { CaptureRecord } from '../capture/records.ts';
import { Evidence } from './evidence.ts';
import type { HappeningKind, Scenario } from './scenario.ts';
import { judge } from './scenarioExpectations.ts';
import type { ClientResult } from './scenarioRun.ts';

/** A client whose records are followed. */
export interface WatchedClient {
  readonly name: string;
  readonly capture: Capture;
  /** How many it has made. */
  readonly attempts: number;
  /** Whether its stream is open now. */
  readonly isOpen: boolean;
  /** Whether it has given up: nothing more will come of it. */
  readonly isOver: boolean;
  /** Each is fired after something was recorded. */
  readonly onDidRecord: readonly Event<unknown>[];
}

/** What is remembered of what happened, at most. */
const mostHappenings = 10_000;

/** Follows the records of one client or several: what a scenario waits for, and the evidence for what it expects. */
export class ScenarioWatch implements Disposable {
  readonly #store = new DisposableStore();
  readonly #heard = this.#store.add(new Emitter<void>());
  readonly #clients: { client: WatchedClient; evidence: Evidence }[] = [];
  /** What happened and wasn't waited for yet, in order; events side by side are one. */
  #happened: { kind: HappeningKind; count: number }[] = [];

  readonly onDidHear = this.#heard.event;

  /** @param from the position of the first record that counts; by default only what is still to come does */
  add(client: WatchedClient, from = client.capture.next): void {
    const { capture, isOpen } = client;
    const evidence = new Evidence(isOpen);
    this.#clients.push({ client, evidence });
    if (isOpen) this.#happens('open');
    let next = from;
    const read = (): void => {
      // What was evicted in between can't be evidence.
      for (next = Math.max(next, capture.first); next < capture.next; next++) {
        const record = capture.at(next);
        if (!record) continue;
        evidence.add(record);
        for (const kind of kindsOf(record)) this.#happens(kind);
      }
      this.#heard.fire();
    };
    for (const event of client.onDidRecord) this.#store.add(event(read));
  }

  /** Every client has given up. */
  get isOver(): boolean {
    return this.#clients.length > 0 && this.#clients.every(({ client }) => client.isOver);
  }

  /** What has happened until now was not waited for. */
  forget(): void {
    this.#happened = [];
  }

  /** Whether it has happened so often; then it and all before it is forgotten. */
  take(kind: HappeningKind, count: number): boolean {
    let left = count;
    for (const [i, one] of this.#happened.entries()) {
      if (one.kind !== kind) continue;
      if (one.count < left) {
        left -= one.count;
        continue;
      }
      const rest = one.count - left;
      this.#happened = [...(rest > 0 ? [{ kind, count: rest }] : []), ...this.#happened.slice(i + 1)];
      return true;
    }
    return false;
  }

  /** @param now epoch milliseconds */
  judge(expected: Scenario['expect'], now: number): ClientResult[] {
    return this.#clients.map(({ client, evidence }) => ({
      client,
      findings: judge(expected, evidence, now),
    }));
  }

  dispose(): void {
    this.#store.dispose();
  }

  #happens(kind: HappeningKind): void {
    const last = this.#happened.at(-1);
    if (last?.kind === kind) last.count++;
    else if (this.#happened.length < mostHappenings) this.#happened.push({ kind, count: 1 });
  }
}

function kindsOf(record: CaptureRecord): HappeningKind[] {
  if (record.kind === 'event') return ['event'];
  if (record.kind === 'comment') return [];
  const { step } = record;
  switch (step.step) {
    case 'open':
      return ['attempt', 'open'];
    case 'answer':
      return ['attempt'];
    case 'ended':
      return step.wasOpen ? [] : ['attempt'];
    case 'waiting':
      return ['wait'];
    case 'closed':
    case 'needsToken':
      return [step.step];
    default:
      return [];
  }
}
