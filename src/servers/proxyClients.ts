import type { Disposable } from '../base/disposables.ts';
import { Emitter } from '../base/emitter.ts';
import type { ProxiedRequest } from './proxiedRequest.ts';
import { ProxyClient, type ProxyClientPorts } from './proxyClient.ts';

/** So many clients of one proxy are kept. */
export const mostClients = 64;

/** Who is at the proxy, or was: told apart by what they say of themselves. */
export class ProxyClients implements Disposable {
  readonly #name: string;
  readonly #ports: ProxyClientPorts;
  readonly #changed = new Emitter<void>();
  readonly #list: ProxyClient[] = [];
  #count = 0;

  /** A client came, went, or changed its state. */
  readonly onDidChange = this.#changed.event;

  /** @param name of what the proxy stands before */
  constructor(name: string, ports: ProxyClientPorts) {
    this.#name = name;
    this.#ports = ports;
  }

  get list(): readonly ProxyClient[] {
    return this.#list;
  }

  /**
   * Whose request it is: of two streams open at a time each is a client's own. Undefined where as many are busy as may
   * be.
   */
  of(request: ProxiedRequest): ProxyClient | undefined {
    const known = this.#list.findLast((client) => client.isNext(request));
    if (known) return known;
    if (this.#list.length >= mostClients && !this.#forgetOne()) return undefined;
    const number = ++this.#count;
    const client = new ProxyClient(`${this.#name}: client ${number}`, number, request, this.#ports);
    client.onDidChange(() => this.#changed.fire());
    this.#list.push(client);
    return client;
  }

  dispose(): void {
    for (const client of this.#list) client.dispose();
    this.#list.length = 0;
    this.#changed.fire();
    this.#changed.dispose();
  }

  /** The oldest that is gone; one that never had a stream before one that had. */
  #forgetOne(): boolean {
    const gone = this.#list.filter(({ isBusy }) => !isBusy);
    const oldest = gone.find(({ hadStream }) => !hadStream) ?? gone[0];
    if (!oldest) return false;
    this.#list.splice(this.#list.indexOf(oldest), 1);
    oldest.dispose();
    return true;
  }
}
