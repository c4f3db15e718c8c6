import type { Disposable } from './disposables.ts';

/** Time as a port: the domain never reads a clock or sets a timer by itself. */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. May jump. */
  now(): number;
  /** Monotonic milliseconds from an arbitrary start. Never jumps. */
  monotonic(): number;
  /** Calls back once, after `ms` milliseconds; dispose to cancel. */
  after(ms: number, callback: () => void): Disposable;
}

/** Random numbers in [0, 1), as a port, so that jitter can be tested. */
export type Random = () => number;
