import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

declare const __dirname: string;

export interface ProxyCredentials {
  username: string;
  password: string;
}

export interface ProxyRequest extends ProxyCredentials {
  /** "127.0.0.2:443" */
  target: string;
  method: string;
}

/**
 * A real proxy (proxy-chain) on 127.0.0.1, in a thread of its own: in an extension host the http of this one asks VS
 * Code's settings for a proxy, so that the proxy would ask itself.
 */
export class ProxyThread {
  readonly port: number;
  readonly #worker: Worker;

  private constructor(worker: Worker, port: number) {
    this.#worker = worker;
    this.port = port;
  }

  /** For code that was bundled, with proxyWorker.mjs beside it. */
  static async start(): Promise<ProxyThread> {
    const worker = new Worker(join(__dirname, 'proxyWorker.mjs'));
    const [port] = await once(worker, 'message');
    return new ProxyThread(worker, port);
  }

  /** What it asks for from now on. */
  demand(credentials: ProxyCredentials | undefined): void {
    this.#worker.postMessage({ credentials });
  }

  /** The requests since the last call, in order. */
  async seen(): Promise<ProxyRequest[]> {
    this.#worker.postMessage('seen');
    const [requests] = await once(this.#worker, 'message');
    return requests;
  }

  async close(): Promise<void> {
    this.#worker.postMessage('close');
    await once(this.#worker, 'exit');
  }
}
