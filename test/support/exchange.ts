import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { HttpTransport } from '../../src/node/httpTransport.ts';
import type { HttpRequest, ResponseHead, StreamEnd } from '../../src/sse/transport.ts';

type Cleanups = (() => void | Promise<void>)[];

export interface Exchange {
  abort(): void;
  readonly headCame: Promise<ResponseHead>;
  readonly ended: Promise<StreamEnd>;
  readonly heads: ResponseHead[];
  readonly ends: StreamEnd[];
  /** As they came. */
  readonly chunks: Uint8Array[];
  /** All that came so far, one character a byte. */
  text(): string;
  /** Resolves once that much text is there. */
  came(text: string): Promise<void>;
}

/** Sends a request through the real transport and collects what comes back. */
export function exchange(
  cleanups: Cleanups,
  request: Partial<HttpRequest> & { url: string },
  headTimeoutMs = 5_000,
): Exchange {
  const transport = new HttpTransport({ headTimeoutMs });
  cleanups.push(() => transport.dispose());
  const heads: ResponseHead[] = [];
  const ends: StreamEnd[] = [];
  const chunks: Uint8Array[] = [];
  let waiting: (() => void)[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<StreamEnd>();
  const { promise: headCame, resolve: onHead } = Promise.withResolvers<ResponseHead>();
  const text = (): string => Buffer.concat(chunks).toString('latin1');
  const disposable = transport.open(
    { method: 'GET', headers: [], ...request },
    {
      head: (head) => {
        heads.push(head);
        onHead(head);
      },
      chunk: (bytes) => {
        chunks.push(bytes);
        const resolvers = waiting;
        waiting = [];
        for (const resolveOne of resolvers) resolveOne();
      },
      end: (end) => {
        ends.push(end);
        resolve(end);
      },
    },
  );
  return {
    ...{ headCame, ended, heads, ends, chunks, text },
    abort: () => disposable.dispose(),
    async came(wanted) {
      while (text().length < wanted.length) await new Promise<void>((done) => waiting.push(done));
      if (text() !== wanted) throw new Error(`What came is ${JSON.stringify(text())}.`);
    },
  };
}

/** Answers every connection with raw bytes, and then does what it is told. */
export async function rawServer(
  cleanups: Cleanups,
  answer: string,
  then: (socket: Socket) => void = () => {},
  host = '127.0.0.1',
): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => socket.write(answer, 'latin1', () => then(socket)));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
}
