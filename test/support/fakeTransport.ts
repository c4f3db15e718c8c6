import { type Disposable, toDisposable } from '../../src/base/disposables.ts';
import type {
  HttpRequest,
  ResponseHead,
  StreamEnd,
  Transport,
  TransportHandler,
} from '../../src/sse/transport.ts';

/** One exchange, answered by hand. */
export class FakeExchange {
  readonly request: HttpRequest;
  readonly #handler: TransportHandler;
  isOpen = true;

  constructor(request: HttpRequest, handler: TransportHandler) {
    this.request = request;
    this.#handler = handler;
  }

  /** @param more timing and facts of the connection */
  head(
    status: number,
    headers: Record<string, string> = {},
    statusText = '',
    more: Partial<ResponseHead> = {},
  ): void {
    const fields = Object.entries(headers);
    const head: ResponseHead = { status, statusText, httpVersion: '1.1', headers: fields, ...more };
    if (this.isOpen) this.#handler.head(head);
  }

  open(): void {
    this.head(200, { 'Content-Type': 'text/event-stream' }, 'OK');
  }

  text(text: string): void {
    this.bytes(new TextEncoder().encode(text));
  }

  bytes(bytes: Uint8Array): void {
    if (this.isOpen) this.#handler.chunk(bytes);
  }

  end(end: StreamEnd = { kind: 'end' }): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#handler.end(end);
  }
}

/** Keeps what was asked of it; nothing is answered by itself. */
export class FakeTransport implements Transport {
  readonly exchanges: FakeExchange[] = [];
  /** Thrown by the next `open`. */
  refuse: Error | undefined;

  open(request: HttpRequest, handler: TransportHandler): Disposable {
    if (this.refuse) throw this.refuse;
    const exchange = new FakeExchange(request, handler);
    this.exchanges.push(exchange);
    return toDisposable(() => {
      exchange.isOpen = false;
    });
  }

  get last(): FakeExchange {
    const last = this.exchanges.at(-1);
    if (!last) throw new Error('Nothing was sent yet.');
    return last;
  }

  get inFlight(): number {
    return this.exchanges.filter(({ isOpen }) => isOpen).length;
  }
}
