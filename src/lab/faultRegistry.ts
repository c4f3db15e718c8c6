import { type Disposable, toDisposable } from '../base/disposables.ts';
import { Emitter } from '../base/emitter.ts';
import type { FaultInjector } from './faultInjector.ts';

/** Where faults can be armed, by the name that the user knows it by. */
export interface FaultTarget {
  readonly kind: 'connection' | 'proxy';
  readonly name: string;
  readonly injector: FaultInjector;
}

/** Every injector of the window: one place to see what is armed, and to disarm it all. */
export class FaultRegistry implements Disposable {
  readonly #targets = new Set<FaultTarget>();
  readonly #changed = new Emitter<FaultTarget>();

  /** What is armed at a target has changed, or what is open there. */
  readonly onDidChange = this.#changed.event;

  get all(): FaultTarget[] {
    return [...this.#targets];
  }

  /** Targets on which something is armed. */
  get armed(): FaultTarget[] {
    return this.all.filter(({ injector }) => injector.isArmed);
  }

  /** Until it is disposed, the target is seen and disarmed with the others. The injector stays its owner's. */
  add(target: FaultTarget): Disposable {
    this.#targets.add(target);
    const listening = target.injector.onDidChange(() => this.#changed.fire(target));
    return toDisposable(() => {
      listening.dispose();
      this.#targets.delete(target);
      this.#changed.fire(target);
    });
  }

  /** Returns on how many targets something was armed. */
  disarmAll(): number {
    const { armed } = this;
    for (const { injector } of armed) injector.disarmAll();
    return armed.length;
  }

  dispose(): void {
    this.#changed.dispose();
    this.#targets.clear();
  }
}
