import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { isLoopbackHost } from '../jwt/loopbackHost.ts';

export interface LoopbackOptions {
  /** The port to listen on; 0 or undefined takes a free one. */
  port?: number | undefined;
  /** Sockets at a time, over both addresses; more are closed at once. 64 by default. */
  maxConnections?: number;
  /** Milliseconds a request may take to arrive, its body and all; 30,000 by default. */
  requestTimeoutMs?: number;
  /** Which origins may use it is the business of `onRequest`. */
  anyOrigin?: boolean;
  /** Gets the requests that passed the guard, and only those. */
  onRequest: RequestListener;
}

/** An HTTP server that only this machine can reach. */
export interface LoopbackServer {
  readonly port: number;
  /** `http://127.0.0.1:{port}`, without a slash at the end. */
  readonly url: string;
  /** Whether ::1 is served too; false on a machine without IPv6. */
  readonly hasIpv6: boolean;
  /** Closes the sockets that are open now; the server goes on listening. */
  destroySockets(): void;
  /** Resolves when every socket is closed and the port is free. Calling it again is harmless. */
  dispose(): Promise<void>;
}

/** A request the guard turns away. */
export interface Refusal {
  status: 421 | 403;
  reason: string;
}

const portTries = 8;

/**
 * Whether a request reached a loopback server the way it should: the target in origin-form, Host naming this
 * machine with our port (a page that rebinds its DNS name to 127.0.0.1 sends its own name: 421, RFC 9110 section
 * 15.5.20), and Origin, where there is one and not `anyOrigin`, of a page on this machine (else 403).
 * @returns why it is refused, or undefined
 */
export function checkLoopbackRequest(
  request: IncomingMessage,
  port: number,
  anyOrigin = false,
): Refusal | undefined {
  // In absolute-form the target replaces Host (RFC 9112 section 3.2.2): a proxy's request, never one for us.
  const target = request.url ?? '';
  if (!target.startsWith('/') && target !== '*') {
    return { status: 421, reason: 'This server is not a proxy.' };
  }
  const hosts = request.headersDistinct.host ?? [];
  const host =
    hosts.length === 1 ? /^(localhost|127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?$/i.exec(hosts[0] ?? '') : null;
  if (host === null || Number(host[2] ?? 80) !== port) {
    return {
      status: 421,
      reason: 'The Host header must name this server: localhost, 127.0.0.1 or [::1], and its port.',
    };
  }
  const origin = request.headers.origin;
  if (!anyOrigin && origin !== undefined && !isLoopbackOrigin(origin)) {
    return { status: 403, reason: 'Only pages on this machine may use this server.' };
  }
  return undefined;
}

/** Whether an Origin header names a page on this machine, on any port. "null" and lists do not. */
export function isLoopbackOrigin(origin: string): boolean {
  const url = URL.parse(origin);
  if (url === null || url.origin !== origin.toLowerCase()) return false;
  return (url.protocol === 'http:' || url.protocol === 'https:') && isLoopbackHost(url.hostname);
}

/**
 * Starts an HTTP server on 127.0.0.1 and, where the machine has it, on ::1 at the same port, behind
 * {@link checkLoopbackRequest}. Heads must arrive within 10 s and whole requests within 30 s unless said;
 * answers may take for ever.
 * @throws the system's error, `code` "EADDRINUSE" when the port is taken on either address
 */
export async function listenOnLoopback(options: LoopbackOptions): Promise<LoopbackServer> {
  const sockets = new Set<Socket>();
  const maxConnections = options.maxConnections ?? 64;
  let disposal: Promise<void> | undefined;

  const create = (): Server => {
    const server = createServer(
      {
        headersTimeout: 10_000,
        requestTimeout: options.requestTimeoutMs ?? 30_000,
        keepAliveTimeout: 5000,
        connectionsCheckingInterval: 5000,
      },
      (request, response) => {
        const refusal = checkLoopbackRequest(request, request.socket.localPort ?? 0, options.anyOrigin);
        if (refusal === undefined) return options.onRequest(request, response);
        request.resume();
        const body = JSON.stringify({ error: refusal.reason });
        response
          .writeHead(refusal.status, { 'content-type': 'application/json', connection: 'close' })
          .end(body);
      },
    );
    server.on('connection', (socket: Socket) => {
      if (disposal !== undefined || sockets.size >= maxConnections) {
        socket.destroy();
        return;
      }
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    return server;
  };

  const servers = await listenOnBoth(create, options.port ?? 0);
  const port = (servers[0].address() as AddressInfo).port;

  const destroySockets = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    hasIpv6: servers.length === 2,
    destroySockets,
    dispose() {
      disposal ??= (async () => {
        const closed = [...servers.map(close), ...[...sockets].map(closeOf)];
        destroySockets();
        await Promise.all(closed);
      })();
      return disposal;
    },
  };
}

async function listenOnBoth(create: () => Server, port: number): Promise<[Server] | [Server, Server]> {
  for (let tries = 1; ; tries += 1) {
    const first = create();
    await listen(first, '127.0.0.1', port);
    const second = create();
    try {
      await listen(second, '::1', (first.address() as AddressInfo).port);
      return [first, second];
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return [first];
      await close(first);
      // A free port of one address may be taken on the other: draw again.
      if (code !== 'EADDRINUSE' || port !== 0 || tries >= portTries) throw error;
    }
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, ipv6Only: true }, () => {
      server.off('error', reject);
      // A listening server that fails later must not end the process; its requests fail by themselves.
      server.on('error', () => {});
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
