import type { Clock } from '../base/clock.ts';
import { type Disposable, DisposableStore } from '../base/disposables.ts';
import { Emitter } from '../base/emitter.ts';
import type { Capture } from '../capture/capture.ts';
import type { Recovery } from '../capture/records.ts';
import { ownIdOf } from '../session/lastEventIdOf.ts';
import type { FaultLayer, FaultPorts, Session } from '../session/session.ts';
import type { Exchange, HttpRequest, Transport, TransportHandler } from '../sse/transport.ts';
import { type FaultAct, FaultInjector } from './faultInjector.ts';
import { describeFaults, type Fault, tellsByItself } from './faultKinds.ts';
import { FaultyTransport } from './faultyTransport.ts';
import type { Before } from './idCount.ts';
import { RecoveryWatch } from './recovery.ts';

export interface ConnectionLabPorts extends FaultPorts {
  clock: Clock;
  /** What random numbers in faults come from. */
  seed: number;
  /** The real one. */
  transport: Transport;
}

/** What became of a fault: it acts, it waits for the next attempt, or as many are armed as may be. */
export type Injected = 'now' | 'armed' | 'full';

/** Cuts the stream so that the next attempt meets what is armed. */
const wayIn: Fault = { kind: 'cut', afterEvents: 0, how: 'reset' };

/** So many ids of earlier events are compared with what comes after a reconnect, and so many records looked through. */
const mostIds = 10_000;
const mostRecords = 20_000;

/**
 * The fault lab of one connection: what is armed there, and what came of it. It is the transport of its session, with
 * the faults between it and the real one.
 */
export class ConnectionLab implements FaultLayer {
  readonly session: Session;
  readonly injector: FaultInjector;
  readonly #transport: FaultyTransport;
  readonly #clock: Clock;
  readonly #note: FaultPorts['note'];
  readonly #store = new DisposableStore();
  readonly #recovered = this.#store.add(new Emitter<Recovery>());
  readonly #acted = this.#store.add(new Emitter<FaultAct>());
  readonly #watch: RecoveryWatch;

  /** The verdict on a fault, after it was recorded. */
  readonly onDidRecover = this.#recovered.event;
  /** A fault did something. */
  readonly onDidAct = this.#acted.event;

  constructor(session: Session, ports: ConnectionLabPorts) {
    this.session = session;
    this.#clock = ports.clock;
    this.#note = ports.note;
    this.injector = this.#store.add(new FaultInjector(ports.clock, ports.seed));
    this.#transport = new FaultyTransport(ports.transport, this.injector, {
      clock: ports.clock,
      acted: (act) => this.#heard(act),
    });
    this.#watch = this.#store.add(
      new RecoveryWatch({
        clock: ports.clock,
        before: () => beforeIn(session.capture),
        awaitsFault: () => this.injector.armed.some(({ left }) => left !== undefined),
        verdict: (recovery) => {
          ports.note({ step: 'verdict', ...recovery });
          this.#recovered.fire(recovery);
        },
      }),
    );
    let { armed } = this;
    this.#store.add(
      this.injector.onDidChange(() => {
        this.#watch.check();
        if (armed === this.armed) return;
        armed = this.armed;
        ports.changed();
      }),
    );
    this.#store.add(session.onDidStep(({ time, attempt, step }) => this.#watch.step(time, attempt, step)));
    this.#store.add(
      session.onDidReceive(({ time, from, to }) => {
        if (this.#watch.wantsEvents) this.#watch.events(time, idsIn(session.capture, from, to));
      }),
    );
  }

  get armed(): string {
    return this.injector.armed
      .map(({ faults, left }) => `${describeFaults(faults)} ${attemptsText(left)}`)
      .join(', ');
  }

  open(request: HttpRequest, handler: TransportHandler): Exchange {
    return this.#transport.open(request, handler);
  }

  /**
   * Lets the next attempts meet the faults.
   * @param attempts how many; undefined for each until they are disarmed
   * @param when `now`: the stream is cut, a wait skipped, so that the next attempt comes
   */
  arm(faults: readonly Fault[], attempts: number | undefined, when: 'now' | 'next'): Injected {
    if (this.injector.arm(faults, attempts) === undefined) return 'full';
    return when === 'now' && this.#hasten() ? 'now' : 'armed';
  }

  /** Lets a fault act on the stream that is open. Returns false where none is. */
  inject(fault: Fault): boolean {
    return this.session.state.kind === 'open' && this.injector.injectNow(fault) > 0;
  }

  /** Something that goes with the lab. */
  owns(part: Disposable): void {
    this.#store.add(part);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #hasten(): boolean {
    const { session } = this;
    switch (session.state.kind) {
      case 'open':
        // A policy that doesn't come back by itself would stop at a cut.
        if (session.settings.policy !== 'off' && this.inject(wayIn)) return true;
        session.forceReconnect();
        return true;
      case 'connecting':
      case 'waiting':
        session.forceReconnect();
        return true;
      default:
        return false;
    }
  }

  #heard(act: FaultAct): void {
    const { what, seed, fault } = act;
    if (!tellsByItself(fault)) this.#note({ step: 'fault', what, seed });
    this.#watch.acted(this.#clock.now(), this.session.attempts, act, fault === wayIn);
    this.#acted.fire(act);
  }
}

function attemptsText(left: number | undefined): string {
  if (left === undefined) return 'at every attempt';
  return left === 1 ? 'at the next attempt' : `at the next ${left} attempts`;
}

function beforeIn(capture: Capture): Before {
  const ids: string[] = [];
  const oldest = Math.max(capture.first, capture.next - mostRecords);
  for (let position = capture.next - 1; position >= oldest && ids.length < mostIds; position--) {
    const record = capture.at(position);
    const id = record?.kind === 'event' ? ownIdOf(record) : '';
    if (id !== '') ids.push(id);
  }
  return { events: capture.events, ids: ids.reverse() };
}

/** Of the events in [from, to): empty for one that has none of its own. */
function idsIn(capture: Capture, from: number, to: number): string[] {
  const ids: string[] = [];
  for (let position = from; position < to; position++) {
    const record = capture.at(position);
    if (record?.kind === 'event') ids.push(ownIdOf(record));
  }
  return ids;
}
