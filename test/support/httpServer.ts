import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A real server on loopback that counts what reaches it. */
export class HttpServer {
  readonly requests: IncomingMessage[] = [];
  readonly sockets = new Set<Socket>();
  /** Sockets there ever were. */
  accepted = 0;
  readonly #server: Server;
  #waiting: (() => void)[] = [];

  private constructor(answer: (request: IncomingMessage, response: ServerResponse, count: number) => void) {
    this.#server = createServer((request, response) => {
      this.requests.push(request);
      answer(request, response, this.requests.length);
      this.#changed();
    });
    this.#server.on('connection', (socket) => {
      this.sockets.add(socket);
      this.accepted++;
      socket.on('error', () => {});
      socket.on('close', () => {
        this.sockets.delete(socket);
        this.#changed();
      });
      this.#changed();
    });
  }

  /** @param answer gets the number of the request, from 1 */
  static async start(
    answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
  ): Promise<HttpServer> {
    const server = new HttpServer(answer);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/events`;
  }

  /** Resolves once `condition` holds; looked at whenever a request or a socket comes or goes. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

export const eventStream = { 'Content-Type': 'text/event-stream' };
