// How long the steps of an exchange took, and what is at the other end, read off node's events.
import type * as http from 'node:http';
import { isIPv6, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ConnectionFacts, ResponseTiming, TlsFacts } from '../sse/transport.ts';
import { unverifiedReason } from './streamEnd.ts';

/** A certificate's names are the server's text: no longer than can be shown. */
const maxNameLength = 300;

/** Watches one request from the moment it was made. */
export class ExchangeFacts {
  readonly #request: http.ClientRequest;
  readonly #start = performance.now();
  /** When the socket's own story began: later than the start where VS Code asked about proxies first. */
  #socketStart = this.#start;
  #lookedUp: number | undefined;
  #connected: number | undefined;
  #secured: number | undefined;
  #proxy: ProxyEvent | undefined;

  constructor(request: http.ClientRequest) {
    this.#request = request;
    // VS Code's proxy support tells the request which way it took, or couldn't take.
    request.on('proxy', (event: ProxyEvent) => {
      this.#proxy = event;
      this.#socketStart = performance.now();
    });
    request.on('socket', (socket) => {
      if (!request.reusedSocket) this.#watch(socket);
    });
  }

  /** The proxy's own error, where that is what ended the request. */
  get proxyError(): unknown {
    return this.#proxy?.error;
  }

  /** "PROXY proxy.example:3128", undefined for a direct connection. */
  get proxy(): string | undefined {
    const proxy = this.#proxy?.proxy;
    if (typeof proxy !== 'string' || proxy === '' || proxy === 'DIRECT') return undefined;
    return proxy.replace(/\S*@/, '');
  }

  timing(): ResponseTiming {
    const secureStart = this.#connected ?? this.#socketStart;
    return {
      ...(this.#lookedUp === undefined ? {} : { dnsMs: this.#lookedUp - this.#socketStart }),
      ...(this.#connected === undefined
        ? {}
        : { connectMs: this.#connected - (this.#lookedUp ?? this.#socketStart) }),
      ...(this.#secured === undefined ? {} : { tlsMs: this.#secured - secureStart }),
      firstByteMs: performance.now() - this.#start,
    };
  }

  connection(socket: Socket): ConnectionFacts {
    const { remoteAddress, remotePort } = socket;
    const host = remoteAddress && isIPv6(remoteAddress) ? `[${remoteAddress}]` : remoteAddress;
    const { proxy } = this;
    return {
      ...(host === undefined ? {} : { remote: `${host}:${remotePort}` }),
      ...(proxy === undefined ? {} : { proxy }),
      ...(isTls(socket) ? { tls: tlsFacts(socket, this.#request.host) } : {}),
    };
  }

  // What has happened by now can't be timed any more, and isn't made up.
  #watch(socket: Socket): void {
    if (socket.connecting) {
      // Once for the first of several addresses.
      socket.once('lookup', () => {
        this.#lookedUp = performance.now();
      });
      socket.once('connect', () => {
        this.#connected = performance.now();
      });
    }
    socket.once('secureConnect', () => {
      this.#secured = performance.now();
    });
  }
}

/** What @vscode/proxy-agent emits on the request. */
interface ProxyEvent {
  proxy?: unknown;
  error?: unknown;
}

/** Not by its class: there may be two node:tls, of which VS Code has patched one. */
export function isTls(socket: Socket): socket is TLSSocket {
  return 'encrypted' in socket && socket.encrypted === true;
}

function tlsFacts(socket: TLSSocket, host: string): TlsFacts {
  const certificate = socket.getPeerCertificate();
  return {
    protocol: socket.getProtocol() ?? '',
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    validTo: certificate.valid_to ?? '',
    ...(socket.authorized
      ? {}
      : { unverified: unverifiedReason(socket.authorizationError, host, certificate) }),
  };
}

/** "CN=example.com, O=Example", as the certificate has it. */
function nameOf(name: object | undefined): string {
  return Object.entries(name ?? {})
    .map(([key, value]) => `${key}=${Array.isArray(value) ? value.join('+') : value}`)
    .join(', ')
    .slice(0, maxNameLength);
}
