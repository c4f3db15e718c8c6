import type { Clock } from '../base/clock.ts';
import { DisposableStore } from '../base/disposables.ts';
import type { Verifier } from './tokenGate.ts';

/** `slowMs`: it answers, but only after so many milliseconds. */
export type WebhookMode = 'up' | 'down' | { slowMs: number };

/** What a webhook may take, in milliseconds, before it counts as one that doesn't answer. */
const mostMs = 10_000;

/** Stands before whatever verifies tokens, and is the outage that someone wants to see. */
export class WebhookFault {
  mode: WebhookMode = 'up';
  readonly #clock: Pick<Clock, 'after'>;
  readonly #timers = new DisposableStore();

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  before(verify: Verifier): Verifier {
    return async (token, topic) => {
      if (this.mode === 'down') throw new Error('the webhook is down');
      if (this.mode !== 'up') await this.#delay(this.mode.slowMs);
      return verify(token, topic);
    };
  }

  /** Whoever waits is told nothing any more. */
  dispose(): void {
    this.#timers.dispose();
  }

  async #delay(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.#clock.after(Math.min(ms, mostMs), () => {
        this.#timers.delete(timer);
        resolve();
      });
      this.#timers.add(timer);
    });
    if (ms >= mostMs) throw new Error(`the webhook took more than ${mostMs / 1000} s`);
  }
}
