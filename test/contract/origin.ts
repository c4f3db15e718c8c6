// A server whose streams a test plays by hand, request by request.
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** Things that come one by one, and can be awaited before they do. */
export class Queue<T> {
  readonly #items: T[] = [];
  readonly #waiting: ((item: T) => void)[] = [];

  /** How many have come that nobody has taken. */
  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    const resolve = this.#waiting.shift();
    if (resolve) resolve(item);
    else this.#items.push(item);
  }

  async next(): Promise<T> {
    const item = this.#items.shift();
    return item ?? new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** A server on loopback that knows its sockets. */
export class Listener {
  readonly server: http.Server;
  readonly #sockets = new Set<Socket>();
  #onGone: (() => void) | undefined;

  constructor(server: http.Server) {
    this.server = server;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        if (this.#sockets.size === 0) this.#onGone?.();
      });
    });
  }

  async listen(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Resolves when the other side has closed every connection. */
  async untilGone(): Promise<void> {
    if (this.#sockets.size > 0) await new Promise<void>((resolve) => (this.#onGone = resolve));
  }

  async close(): Promise<void> {
    await this.untilGone();
    this.server.close();
    await once(this.server, 'close');
  }

  /** Ends it whoever is connected. */
  abort(): void {
    this.server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** One request of the client under test, answered step by step. */
export class Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  /** When it came, by the monotonic clock. */
  readonly at = performance.now();
  /** Resolves when the client has let go of it, or it is over. */
  readonly closed: Promise<void>;
  readonly #response: http.ServerResponse;

  constructor(request: http.IncomingMessage, response: http.ServerResponse, body: string) {
    this.method = request.method ?? '';
    this.path = request.url ?? '';
    this.headers = request.headers;
    this.body = body;
    this.#response = response;
    this.closed = new Promise((resolve) => response.on('close', resolve));
  }

  open(contentType = 'text/event-stream', headers: Record<string, string> = {}): this {
    this.#response.writeHead(200, { 'Content-Type': contentType, ...headers }).flushHeaders();
    return this;
  }

  /** Resolves when it has left. Each call is a chunk of its own to the client: HTTP marks them. */
  async send(data: string | Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.#response.write(data, () => resolve()));
  }

  async sendInPieces(data: string, size: number): Promise<void> {
    const bytes = Buffer.from(data);
    for (let at = 0; at < bytes.length; at += size) await this.send(bytes.subarray(at, at + size));
  }

  /** A clean end. */
  end(data = ''): void {
    this.#response.end(data);
  }

  /** A cut in the middle of the body. */
  cut(): void {
    this.#response.destroy();
  }

  reply(status: number, headers: Record<string, string> = {}, body = ''): void {
    this.#response.writeHead(status, headers).end(body);
  }
}

/** The origin that the streams come from. */
export class Origin {
  readonly #requests = new Queue<Exchange>();
  readonly #listener = new Listener(
    http.createServer((request, response) => {
      readText(request).then(
        (body) => this.#requests.push(new Exchange(request, response, body)),
        () => {},
      );
    }),
  );
  url = '';
  /** Requests that came in all. */
  requests = 0;

  async listen(): Promise<this> {
    this.#listener.server.on('request', () => this.requests++);
    this.url = await this.#listener.listen();
    return this;
  }

  next(): Promise<Exchange> {
    return this.#requests.next();
  }

  untilGone(): Promise<void> {
    return this.#listener.untilGone();
  }

  close(): Promise<void> {
    return this.#listener.close();
  }

  abort(): void {
    this.#listener.abort();
  }
}

export async function readText(stream: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
