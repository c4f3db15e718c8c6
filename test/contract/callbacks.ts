// Reports to the callback URL of a stream: one POST at a time, in order, numbered from 1.
import * as http from 'node:http';
import { errorText } from '../../src/base/errors.ts';

/** What happened on a stream, as the protocol words it. */
export type CallbackMessage =
  | { kind: 'event'; event: { type: string; data: string; id: string } }
  | { kind: 'comment'; comment: string }
  /** The specification of the protocol names the text "comment", its suite reads "error": both are sent. */
  | { kind: 'error'; comment: string; error: string }
  /** Beyond the protocol, where the stream was created with `"states": true`. */
  | {
      kind: 'state';
      state: 'connecting' | 'open' | 'waiting' | 'closed';
      /** In words, empty where there is none. */
      cause: string;
      /** How long it will wait; 0 but for "waiting". */
      delayMs: number;
    };

export class Callbacks {
  readonly #base: string;
  readonly #agent: http.Agent;
  readonly #queue: string[] = [];
  #number = 0;
  #request: http.ClientRequest | undefined;
  #isPosting = false;
  #disposed = false;

  constructor(url: URL, agent: http.Agent) {
    this.#base = url.href.replace(/\/$/, '');
    this.#agent = agent;
  }

  send(message: CallbackMessage): void {
    if (this.#disposed) return;
    this.#queue.push(JSON.stringify(message));
    if (!this.#isPosting) void this.#postAll();
  }

  /** What wasn't reported by now isn't any more. */
  dispose(): void {
    this.#disposed = true;
    this.#queue.length = 0;
    this.#request?.destroy();
  }

  async #postAll(): Promise<void> {
    this.#isPosting = true;
    for (let body = this.#queue.shift(); body !== undefined; body = this.#queue.shift()) {
      this.#number++;
      try {
        await this.#post(`${this.#base}/${this.#number}`, body);
      } catch (error) {
        // The suite may have closed its end already; what follows keeps its number all the same.
        if (!this.#disposed) console.error(`${this.#base}/${this.#number}: ${errorText(error)}`);
      }
    }
    this.#isPosting = false;
  }

  #post(url: string, body: string): Promise<void> {
    const bytes = Buffer.from(body);
    return new Promise((resolve, reject) => {
      this.#request = http
        .request(url, {
          method: 'POST',
          agent: this.#agent,
          headers: { 'Content-Type': 'application/json', 'Content-Length': bytes.length },
        })
        .on('response', (response) => {
          response.on('error', reject).on('end', resolve).resume();
        })
        .on('error', reject);
      this.#request.end(bytes);
    });
  }
}
