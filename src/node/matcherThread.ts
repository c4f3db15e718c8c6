import { Worker } from 'node:worker_threads';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';
import type { Term } from '../capture/filter/filter.ts';
import {
  type Batch,
  type Marks,
  MatchError,
  type Matcher,
  type TermProblem,
} from '../capture/filter/matcher.ts';
import type { MatcherAnswer, MatcherRequest } from './filterWorker.ts';

/** How long one record may take, in milliseconds. */
const patienceMs = 1_000;
/** How long a thread that nobody asks anything is kept. */
const idleMs = 10_000;
const mostMegabytes = 256;

/** Matches on a thread that is there while it is asked something, and ended where it gets stuck: the next question makes a new one. */
export class MatcherThread implements Matcher {
  readonly #script: string | URL;
  readonly #clock: Clock;
  #worker: Worker | undefined;
  /** The thread has loaded what it runs. */
  #started = Promise.resolve();
  /** The place of the record under work, and how many there were. */
  readonly #progress = new Int32Array(new SharedArrayBuffer(8));
  /** Questions are asked one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #reject: ((error: Error) => void) | undefined;
  #idle: Disposable | undefined;
  #disposed = false;

  /** @param script `filterWorker`, as it is on disk */
  constructor(script: string | URL, clock: Clock) {
    this.#script = script;
    this.#clock = clock;
  }

  check(terms: readonly Term[]): Promise<TermProblem | undefined> {
    return this.#ask<TermProblem | undefined>({ ask: 'check', terms });
  }

  test(terms: readonly Term[], batch: Batch): Promise<Uint8Array> {
    const moved = [batch.bytes.buffer, batch.ends.buffer, batch.isEvent.buffer];
    return this.#ask<Uint8Array>({ ask: 'test', terms, batch }, moved);
  }

  values(path: string, texts: readonly string[]): Promise<(string | undefined)[]> {
    return this.#ask<(string | undefined)[]>({ ask: 'values', path, texts });
  }

  marks(terms: readonly Term[], texts: readonly string[]): Promise<Marks[]> {
    return this.#ask<Marks[]>({ ask: 'marks', terms, texts });
  }

  dispose(): void {
    this.#disposed = true;
    this.#idle?.dispose();
    this.#end(new MatchError('failed', 0));
  }

  #ask<T>(request: MatcherRequest, moved: ArrayBuffer[] = []): Promise<T> {
    const answer = this.#last.then(() => this.#send<T>(request, moved));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #send<T>(request: MatcherRequest, moved: ArrayBuffer[]): Promise<T> {
    if (this.#disposed) throw new MatchError('failed', 0);
    this.#idle?.dispose();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#reject = reject;
    this.#progress.fill(0);
    this.#worker ??= this.#start();
    const worker = this.#worker;
    // Loading takes what it takes, and the watch is for what comes then.
    await Promise.race([this.#started, promise]);
    worker.once('message', (answer: MatcherAnswer) => {
      if ('error' in answer) reject(new Error(answer.error));
      else resolve(answer.value as T);
    });
    worker.postMessage(request, moved);
    const watch = this.#watch(-1);
    try {
      return await promise;
    } finally {
      watch.dispose();
      this.#reject = undefined;
      if (!this.#disposed) this.#idle = this.#clock.after(idleMs, () => this.#end());
    }
  }

  #start(): Worker {
    const worker = new Worker(this.#script, {
      workerData: this.#progress,
      resourceLimits: { maxOldGenerationSizeMb: mostMegabytes },
    });
    this.#started = new Promise((resolve) => worker.once('message', () => resolve()));
    worker.on('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'failed';
      this.#end(new MatchError(why, this.#at, { cause: error }));
    });
    return worker;
  }

  get #at(): number {
    return Atomics.load(this.#progress, 0);
  }

  /** Looks every second whether another record has come under work. */
  #watch(seen: number): Disposable {
    let timer = this.#clock.after(patienceMs, () => {
      const now = Atomics.load(this.#progress, 1);
      if (now === seen) this.#end(new MatchError('slow', this.#at));
      else timer = this.#watch(now);
    });
    return { dispose: () => timer.dispose() };
  }

  /** Ends the thread; the question under work has this for an answer. */
  #end(error?: MatchError): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
    if (error) this.#reject?.(error);
  }
}
