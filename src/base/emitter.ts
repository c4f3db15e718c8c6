import { type Disposable, toDisposable } from './disposables.ts';

/** Subscribes a listener; the returned disposable ends the subscription. Same shape as `vscode.Event`. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** A typed event source for rooms that know no VS Code. */
export class Emitter<T> implements Disposable {
  readonly #listeners = new Set<(value: T) => void>();
  #disposed = false;

  readonly event: Event<T> = (listener) => {
    if (this.#disposed) return toDisposable(() => {});
    // A wrapper, so that the same function may be subscribed twice.
    const entry = (value: T): void => listener(value);
    this.#listeners.add(entry);
    return toDisposable(() => this.#listeners.delete(entry));
  };

  /** Calls every listener that is still subscribed at its turn. One that throws stops neither the others nor the caller. */
  fire(value: T): void {
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener)) continue;
      try {
        listener(value);
      } catch (error) {
        // Reported as any uncaught error is, in a turn of its own.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.#listeners.clear();
  }
}
