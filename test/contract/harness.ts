// The other side of the service: creates streams and receives their callbacks. All of it goes over HTTP, as suites
// from outside do it.
import { once } from 'node:events';
import * as http from 'node:http';
import type { CallbackMessage } from './callbacks.ts';
import { type Exchange, Listener, Origin, Queue, readText } from './origin.ts';
import { ContractService } from './service.ts';

export type Message = CallbackMessage;
export type EventMessage = { type: string; data: string; id: string };

/** What one stream of the service reports. */
export class Client {
  readonly #received = new Queue<Message>();
  readonly #location: string;
  #count = 0;
  #isClosed = false;

  constructor(location: string) {
    this.#location = location;
  }

  /** Reports are numbered from 1 and come in order. */
  receive(number: number, message: Message): void {
    this.#count++;
    if (number !== this.#count) throw new Error(`Callback ${number} came when ${this.#count} was due.`);
    this.#received.push(message);
  }

  /** Reports that nobody has asked for. */
  get unread(): number {
    return this.#received.size;
  }

  next(): Promise<Message> {
    return this.#received.next();
  }

  /** The next report, which must be an event. */
  async event(): Promise<EventMessage> {
    return (await this.#nextOf('event')).event;
  }

  async comment(): Promise<string> {
    return (await this.#nextOf('comment')).comment;
  }

  async error(): Promise<string> {
    return (await this.#nextOf('error')).error;
  }

  async state(): Promise<Message & { kind: 'state' }> {
    return await this.#nextOf('state');
  }

  async #nextOf<K extends Message['kind']>(kind: K): Promise<Message & { kind: K }> {
    const message = await this.next();
    if (message.kind !== kind)
      throw new Error(
        `A report of kind ${kind} was due, this came: ${JSON.stringify(message).slice(0, 500)}`,
      );
    return message as Message & { kind: K };
  }

  async command(body: unknown): Promise<Reply> {
    return await send('POST', this.#location, JSON.stringify(body));
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await send('DELETE', this.#location);
  }
}

export interface Reply {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: string;
}

/** Create options of the protocol, and those beyond it. */
export interface StreamOptions {
  streamUrl?: string;
  initialDelayMs?: number | null;
  readTimeoutMs?: number | null;
  lastEventId?: string;
  headers?: Record<string, string>;
  method?: string;
  body?: string;
  policy?: 'resilient' | 'browser';
  states?: boolean;
}

/** A service with all that surrounds it. */
export class Contract {
  readonly origin: Origin;
  readonly service: ContractService;
  readonly #clients: Client[] = [];
  readonly #origins: Origin[];
  readonly #receiver = new Listener(http.createServer((request, response) => this.#hear(request, response)));
  /** Reports that came before the client they belong to was known. */
  readonly #early = new Map<string, [number, Message][]>();
  readonly #byPath = new Map<string, Client>();
  #callbackUrl = '';
  #failure: unknown;
  #callbackPaths = 0;

  private constructor(service: ContractService, origin: Origin) {
    this.service = service;
    this.origin = origin;
    this.#origins = [origin];
  }

  static async start(): Promise<Contract> {
    const contract = new Contract(await ContractService.start(0), await new Origin().listen());
    contract.#callbackUrl = await contract.#receiver.listen();
    return contract;
  }

  /** Another origin. */
  async addOrigin(): Promise<Origin> {
    const origin = await new Origin().listen();
    this.#origins.push(origin);
    return origin;
  }

  /** Creates a stream; it asks `origin` where nothing else is said. */
  async connect(options: StreamOptions = {}): Promise<Client> {
    this.#callbackPaths++;
    const path = `/endpoints/${this.#callbackPaths}`;
    const reply = await this.create({
      streamUrl: `${this.origin.url}/stream`,
      callbackUrl: `${this.#callbackUrl}${path}`,
      tag: 'contract',
      ...options,
    });
    if (reply.status !== 201) throw new Error(`${reply.status} ${reply.body}`);
    const client = new Client(reply.headers.location ?? '');
    this.#clients.push(client);
    this.#byPath.set(path, client);
    for (const [number, message] of this.#early.get(path) ?? []) client.receive(number, message);
    return client;
  }

  /** Creates a stream and opens it. */
  async open(options: StreamOptions = {}, contentType?: string): Promise<[Client, Exchange]> {
    const client = await this.connect(options);
    const exchange = await this.origin.next();
    return [client, exchange.open(contentType)];
  }

  create(body: unknown): Promise<Reply> {
    return send('POST', this.service.url, typeof body === 'string' ? body : JSON.stringify(body));
  }

  /** Ends everything. Resolves only when the service has left nothing open. */
  async close(): Promise<void> {
    for (const client of this.#clients) await client.close();
    for (const origin of this.#origins) await origin.close();
    await this.service.close();
    await this.#receiver.close();
    if (this.#failure) throw this.#failure;
  }

  /** Ends everything, whatever state it is in: a test has failed already. */
  async abort(): Promise<void> {
    for (const origin of this.#origins) origin.abort();
    await this.service.close();
    this.#receiver.abort();
  }

  #hear(request: http.IncomingMessage, response: http.ServerResponse): void {
    const [, path = '', number = ''] = /^(.*)\/(\d+)$/.exec(request.url ?? '') ?? [];
    readText(request)
      .then((body) => {
        const message: Message = JSON.parse(body);
        const client = this.#byPath.get(path);
        if (client) client.receive(Number(number), message);
        else this.#early.set(path, [...(this.#early.get(path) ?? []), [Number(number), message]]);
      })
      .catch((error: unknown) => {
        this.#failure ??= error;
      });
    request.on('end', () => response.writeHead(202).end());
  }
}

/** A test with a service of its own, which must leave nothing open. */
export function withContract(test: (contract: Contract) => Promise<void>): () => Promise<void> {
  return async () => {
    const contract = await Contract.start();
    try {
      await test(contract);
    } catch (error) {
      await contract.abort();
      throw error;
    }
    await contract.close();
  };
}

export async function send(method: string, url: string, body?: string): Promise<Reply> {
  const request = http.request(url, { method, agent: false });
  request.end(body);
  const [response]: [http.IncomingMessage] = await (once(request, 'response') as Promise<
    [http.IncomingMessage]
  >);
  const { statusCode = 0, headers } = response;
  return { status: statusCode, headers, body: await readText(response) };
}
