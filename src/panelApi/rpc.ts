// One rpc for both ends: requests with an answer and a time limit, notifications without.
import * as v from 'valibot';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposables.ts';

type Message =
  | { kind: 'request'; id: number; method: string; params: unknown }
  | { kind: 'answer'; id: number; result: unknown }
  | { kind: 'failure'; id: number; message: string }
  | { kind: 'notify'; method: string; params: unknown };

const messageSchema = v.variant('kind', [
  v.object({
    kind: v.literal('request'),
    id: v.number(),
    method: v.string(),
    params: v.optional(v.unknown()),
  }),
  v.object({ kind: v.literal('answer'), id: v.number(), result: v.optional(v.unknown()) }),
  v.object({ kind: v.literal('failure'), id: v.number(), message: v.string() }),
  v.object({ kind: v.literal('notify'), method: v.string(), params: v.optional(v.unknown()) }),
]);

/** An object of methods with at most one argument each. */
// biome-ignore lint/suspicious/noExplicitAny: any interface of methods fits; the schemas check the arguments.
type Methods<T> = { [K in keyof T]: (params: any) => unknown };
type Params<F> = F extends () => unknown ? never : F extends (params: infer P) => unknown ? P : never;
type Result<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never;

export interface RpcOptions<Local extends Methods<Local>> {
  post(message: unknown): void;
  local: Local;
  /** Checks the parameters of what the other end calls; leave out where the other end is trusted. */
  schemas?: { readonly [K in keyof Local]: v.GenericSchema };
  clock: Pick<Clock, 'after'>;
  /** Milliseconds after which a request that got no answer fails. */
  timeoutMs?: number;
  onError(error: unknown): void;
}

/** One end of the wire. Feed it what arrives with `receive`; dispose it with its owner. */
export class Rpc<Local extends Methods<Local>, Remote extends Methods<Remote>> implements Disposable {
  readonly #options: RpcOptions<Local>;
  readonly #pending = new Map<
    number,
    { resolve(value: unknown): void; reject(error: Error): void; timer: Disposable; method: string }
  >();
  #nextId = 1;
  #disposed = false;

  constructor(options: RpcOptions<Local>) {
    this.#options = options;
  }

  request<K extends keyof Remote & string>(
    method: K,
    ...params: Params<Remote[K]> extends never ? [] : [Params<Remote[K]>]
  ): Promise<Result<Remote[K]>> {
    if (this.#disposed) return Promise.reject(new Error(`${method}: the panel is closed`));
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const timer = this.#options.clock.after(this.#options.timeoutMs ?? 10_000, () => {
      this.#pending.delete(id);
      reject(new Error(`${method}: no answer in time`));
    });
    this.#pending.set(id, { resolve, reject, timer, method });
    try {
      this.#post({ kind: 'request', id, method, params: params[0] });
    } catch (error) {
      this.#settle(id)?.reject(error instanceof Error ? error : new Error(String(error)));
    }
    return promise as Promise<Result<Remote[K]>>;
  }

  notify<K extends keyof Remote & string>(method: K, params: Params<Remote[K]>): void {
    if (!this.#disposed) this.#post({ kind: 'notify', method, params });
  }

  receive(raw: unknown): void {
    if (this.#disposed) return;
    const parsed = v.safeParse(messageSchema, raw);
    if (!parsed.success) {
      this.#options.onError(new Error('A message of an unknown form arrived.'));
      return;
    }
    const message = parsed.output;
    switch (message.kind) {
      case 'request':
        this.#call(message.method, message.params)
          .then(
            (result) => this.#post({ kind: 'answer', id: message.id, result }),
            (error: unknown) => {
              this.#options.onError(error);
              this.#post({ kind: 'failure', id: message.id, message: 'The request failed.' });
            },
          )
          // The wire itself failed: nobody is left to be told but us.
          .catch((error: unknown) => this.#options.onError(error));
        break;
      case 'notify':
        this.#call(message.method, message.params).catch((error: unknown) => this.#options.onError(error));
        break;
      case 'answer':
        this.#settle(message.id)?.resolve(message.result);
        break;
      case 'failure': {
        const pending = this.#settle(message.id);
        pending?.reject(new Error(`${pending.method}: ${message.message}`));
        break;
      }
    }
  }

  dispose(): void {
    this.#disposed = true;
    for (const { timer, reject, method } of this.#pending.values()) {
      timer.dispose();
      reject(new Error(`${method}: the panel is closed`));
    }
    this.#pending.clear();
  }

  #settle(id: number) {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.timer.dispose();
    return pending;
  }

  async #call(method: string, params: unknown): Promise<unknown> {
    const { local, schemas } = this.#options;
    if (!Object.hasOwn(local, method)) throw new Error(`There is no method "${method}".`);
    const key = method as keyof Local;
    const checked = schemas ? v.parse(schemas[key], params) : params;
    return local[key](checked);
  }

  #post(message: Message): void {
    if (!this.#disposed) this.#options.post(message);
  }
}
