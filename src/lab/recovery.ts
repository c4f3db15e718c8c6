// What a connection did about a fault, from its steps and the ids of its events: a chain that begins where the fault
// broke something and ends with a verdict. Pure but for its clock.
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import type { Recovery } from '../capture/records.ts';
import { closeText } from '../session/describe.ts';
import { isInjectedEnd } from '../sse/policies.ts';
import type { Step } from '../sse/steps.ts';
import type { FaultAct } from './faultInjector.ts';
import { describeFault } from './faultKinds.ts';
import { type Before, IdCount } from './idCount.ts';

export interface RecoveryPorts {
  clock: Clock;
  /** The events by now. */
  before(): Before;
  /** Faults for so many attempts are still to come: the chain isn't over. */
  awaitsFault(): boolean;
  verdict(recovery: Recovery): void;
}

/** A stream that is open again and brings no event is judged after so many milliseconds. */
export const quietMs = 5_000;

const mostNames = 5;

interface Chain {
  since: number;
  /** How often each fault acted. */
  faults: Map<string, number>;
  attempts: number;
  /** The last attempt that was counted. */
  attempt: number;
  refreshes: number;
  missed: number | undefined;
  doubled: number | undefined;
  /** It began with a cut that only makes way for another fault: the name of that cut. */
  wayIn?: string;
  back?: Back;
}

/** The stream is there again. */
interface Back {
  /** How long that took; undefined for a silence, which the first event ends. */
  ms: number | undefined;
  ids: IdCount;
  /** A new event came, or none did for long. */
  settled?: 'event' | 'quiet';
  timer?: Disposable;
}

/** Watches one connection and says one verdict for each chain. */
export class RecoveryWatch implements Disposable {
  readonly #ports: RecoveryPorts;
  /** Faults that acted and broke nothing yet. */
  #acted: string[] = [];
  /** Of those the one that only makes way for another. */
  #wayIn: string | undefined;
  #chain: Chain | undefined;

  constructor(ports: RecoveryPorts) {
    this.#ports = ports;
  }

  /** A fault broke something and the verdict is still to come. */
  get isWatching(): boolean {
    return this.#chain !== undefined;
  }

  /** Whether `events` should be told. */
  get wantsEvents(): boolean {
    return this.#chain?.back !== undefined && this.#chain.back.settled !== 'event';
  }

  /** @param isWayIn the lab cuts the stream so that an armed fault is met: what it cost is counted from that one */
  acted(time: number, attempt: number, { fault }: Pick<FaultAct, 'fault'>, isWayIn = false): void {
    const name = describeFault(fault);
    if (this.#chain) {
      addName(this.#chain, name);
      return;
    }
    this.#acted = [...this.#acted, name].slice(-mostNames);
    if (isWayIn) this.#wayIn = name;
    // A silence is over with the next event, or with the attempt.
    if (fault.kind === 'stall') this.#listen(this.#begin(time, attempt), undefined);
  }

  step(time: number, attempt: number, step: Step): void {
    if (!this.#chain && step.step === 'open') this.#forget();
    if (!this.#chain && !isInjected(step)) return;
    const chain = this.#chain ?? this.#begin(time, attempt);
    if (isInjected(step)) arrive(chain, time, attempt);
    switch (step.step) {
      case 'answer':
      case 'ended':
        attempted(chain, attempt);
        leave(chain);
        break;
      case 'forced':
        leave(chain);
        break;
      case 'open':
        attempted(chain, attempt);
        this.#listen(chain, time - chain.since);
        break;
      case 'tokenRefreshed':
      case 'tokenRefreshFailed':
        // An attempt that ends for want of a token is one, too.
        if (step.cause === 'attempt') attempted(chain, attempt);
        if (step.cause !== 'shared' && step.cause !== 'attempt') chain.refreshes++;
        break;
      case 'needsToken':
        this.#stop(chain, time, { reason: `It needs another token. ${step.explanation}`.trim() });
        break;
      case 'closed':
        this.#stop(
          chain,
          time,
          step.reason.kind === 'disconnected' ? { disconnected: true } : { reason: closeText(step.reason) },
        );
        break;
    }
  }

  /** @param ids of the events that came, empty for one without an id of its own */
  events(time: number, ids: readonly string[]): void {
    const chain = this.#chain;
    if (!chain?.back || chain.back.settled === 'event' || !chain.back.ids.add(ids)) return;
    chain.back.settled = 'event';
    chain.back.ms ??= time - chain.since;
    this.check();
  }

  /** Something was armed or disarmed: the chain may be over. */
  check(): void {
    const chain = this.#chain;
    if (!chain?.back?.settled || this.#ports.awaitsFault()) return;
    const { settled, ms = 0 } = chain.back;
    leave(chain);
    const { missed, doubled } = chain;
    this.#say(chain, {
      recovered: true,
      ms,
      ...(settled === 'quiet'
        ? { reason: `no event came in the ${quietMs / 1_000} s after it` }
        : missed === undefined
          ? {}
          : { missed }),
      ...(doubled === undefined ? {} : { doubled }),
    });
  }

  dispose(): void {
    this.#chain?.back?.timer?.dispose();
    this.#chain = undefined;
  }

  #begin(since: number, attempt: number): Chain {
    const chain: Chain = {
      since,
      faults: new Map(),
      attempts: 0,
      attempt,
      refreshes: 0,
      missed: 0,
      doubled: 0,
      ...(this.#wayIn === undefined ? {} : { wayIn: this.#wayIn }),
    };
    for (const name of this.#acted) addName(chain, name);
    this.#forget();
    this.#chain = chain;
    return chain;
  }

  #forget(): void {
    this.#acted = [];
    this.#wayIn = undefined;
  }

  #listen(chain: Chain, ms: number | undefined): void {
    leave(chain);
    const back: Back = { ms, ids: new IdCount(this.#ports.before()) };
    chain.back = back;
    if (ms === undefined) return;
    back.timer = this.#ports.clock.after(quietMs, () => {
      back.settled ??= 'quiet';
      this.check();
    });
  }

  #stop(chain: Chain, time: number, why: Pick<Recovery, 'disconnected' | 'reason'>): void {
    leave(chain);
    this.#say(chain, { recovered: false, ms: time - chain.since, ...why });
  }

  #say(chain: Chain, rest: Omit<Recovery, 'fault' | 'attempts' | 'refreshes'>): void {
    this.#chain = undefined;
    const { attempts, refreshes } = chain;
    this.#ports.verdict({ fault: namesOf(chain), attempts, refreshes, ...rest });
  }
}

function isInjected(step: Step): boolean {
  if (step.step === 'answer') return step.head.injected === true;
  return step.step === 'ended' && isInjectedEnd(step.end);
}

function attempted(chain: Chain, attempt: number): void {
  if (attempt === chain.attempt) return;
  chain.attempt = attempt;
  chain.attempts++;
}

/** The fault that the lab made way for broke something: attempts and time count from here, lost events from the cut. */
function arrive(chain: Chain, since: number, attempt: number): void {
  if (chain.wayIn === undefined || attempt === chain.attempt) return;
  chain.faults.delete(chain.wayIn);
  delete chain.wayIn;
  chain.since = since;
  chain.attempt = attempt;
  chain.attempts = 0;
  chain.refreshes = 0;
}

/** The stream isn't there any more, or it was judged: what its ids told stays. */
function leave(chain: Chain): void {
  const { back } = chain;
  if (!back) return;
  back.timer?.dispose();
  delete chain.back;
  chain.doubled = sum(chain.doubled, back.ids.doubled);
  // Where nothing new has come, it is the next stream's ids that tell.
  if (back.settled === 'event') chain.missed = sum(chain.missed, back.ids.missed);
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

function addName({ faults }: Chain, name: string): void {
  if (faults.size < mostNames || faults.has(name)) faults.set(name, (faults.get(name) ?? 0) + 1);
}

function namesOf({ faults }: Chain): string {
  return [...faults].map(([name, times]) => (times === 1 ? name : `${name} ×${times}`)).join(', ');
}
