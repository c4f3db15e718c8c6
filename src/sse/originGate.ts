// One gate for each origin over all connections: after a server's restart they don't come back all at once.
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';

/** Automatic attempts that one origin gets in any second. */
export const attemptsPerSecond = 10;
/** Somewhat over a second, so that it is one at the other end of the network, too. Milliseconds. */
const windowMs = 1_100;

/** Leave for one attempt. Disposing it gives the place to the next, unless the attempt was sent. */
export interface Permit extends Disposable {
  /** Milliseconds until it is this one's turn, as far as can be told; 0: it may go now. */
  readonly waitMs: number;
  /** The request leaves: a second begins. */
  sent(): void;
}

interface Lane {
  /** First come, first served. */
  readonly queue: Set<Entry>;
  /** Let through, and not sent yet. */
  readonly passing: Set<Entry>;
  /** When the newest attempts were sent, monotonic, oldest first. */
  sent: number[];
  timer: Disposable | undefined;
}

interface Entry {
  passed: () => void;
}

export class OriginGate {
  readonly #clock: Clock;
  readonly #lanes = new Map<string, Lane>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Asks for leave. `passed` is called when it is given, unless it is at once (`waitMs` 0). */
  enter(origin: string, passed: () => void): Permit {
    const lane = this.#laneOf(origin);
    const entry: Entry = { passed };
    const waitMs = this.#waitMs(lane);
    (waitMs === 0 ? lane.passing : lane.queue).add(entry);
    this.#arm(lane);
    return {
      waitMs,
      sent: () => {
        if (!lane.passing.delete(entry)) return;
        lane.sent.push(this.#clock.monotonic());
        this.#pump(lane);
      },
      dispose: () => {
        const waited = lane.queue.delete(entry);
        if (lane.passing.delete(entry) || waited) this.#pump(lane);
      },
    };
  }

  #laneOf(origin: string): Lane {
    for (const [name, lane] of this.#lanes) {
      this.#prune(lane);
      if (lane.queue.size + lane.passing.size + lane.sent.length === 0) this.#lanes.delete(name);
    }
    const lane = this.#lanes.get(origin) ?? {
      queue: new Set(),
      passing: new Set(),
      sent: [],
      timer: undefined,
    };
    this.#lanes.set(origin, lane);
    return lane;
  }

  #prune(lane: Lane): void {
    const oldest = this.#clock.monotonic() - windowMs;
    lane.sent = lane.sent.filter((time) => time > oldest);
  }

  #hasRoom(lane: Lane): boolean {
    return lane.passing.size + lane.sent.length < attemptsPerSecond;
  }

  /** For one that comes last; those that pass are taken to be sent at once. */
  #waitMs(lane: Lane): number {
    if (lane.queue.size === 0 && this.#hasRoom(lane)) return 0;
    const now = this.#clock.monotonic();
    const passing = Array.from(lane.passing, () => now + windowMs);
    const free = [...lane.sent.map((time) => time + windowMs), ...passing];
    const place = lane.queue.size;
    const first = free[place % attemptsPerSecond] ?? now;
    return Math.max(1, Math.ceil(first + Math.floor(place / attemptsPerSecond) * windowMs - now));
  }

  #pump(lane: Lane): void {
    this.#prune(lane);
    for (const entry of lane.queue) {
      if (!this.#hasRoom(lane)) break;
      lane.queue.delete(entry);
      lane.passing.add(entry);
      entry.passed();
    }
    this.#arm(lane);
  }

  /** A timer exactly while somebody waits for time to pass, not for an attempt to be sent. */
  #arm(lane: Lane): void {
    lane.timer?.dispose();
    lane.timer = undefined;
    const [oldest] = lane.sent;
    if (lane.queue.size === 0 || oldest === undefined) return;
    const ms = Math.max(1, Math.ceil(oldest + windowMs - this.#clock.monotonic()));
    lane.timer = this.#clock.after(ms, () => this.#pump(lane));
  }
}
