import type { Disposable } from '../base/disposables.ts';
import type { HeaderList } from '../base/headers.ts';

/** One HTTP request as it goes out, credentials in place. Never kept, logged or shown. */
export interface HttpRequest {
  url: string;
  method: string;
  /** Values are byte strings: one character a byte (RFC 9110 section 5.5). */
  headers: HeaderList;
  body?: string;
  /** For https only. */
  tls?: TlsOptions;
  /** A redirect has led it off the connection's origin, be it back again: nothing is to be added to it. */
  bare?: true;
  /** The name of the header field, parameter or cookie that the token was placed in. */
  credential?: string;
}

/** PEM texts, not paths. */
export interface TlsOptions {
  /** One or several certificates that are trusted instead of the machine's own. */
  ca?: string;
  /** The client's certificate, its chain behind it. */
  cert?: string;
  /** The client certificate's private key. */
  key?: string;
  /** False takes any certificate; what is wrong with it is told with the head. */
  rejectUnauthorized?: boolean;
}

export interface ResponseHead {
  status: number;
  statusText: string;
  httpVersion: string;
  headers: HeaderList;
  timing?: ResponseTiming;
  connection?: ConnectionFacts;
  /** The fault lab's, not the server's. */
  injected?: true;
}

/** Milliseconds by a monotonic clock; what didn't take place, or not before our eyes, is absent. */
export interface ResponseTiming {
  dnsMs?: number;
  connectMs?: number;
  tlsMs?: number;
  /** From the start of the request to the whole head, so with all of the above in it. */
  firstByteMs: number;
}

/** What is known of the other end of the socket. */
export interface ConnectionFacts {
  /** The address the socket leads to, the proxy's where there is one: "192.0.2.1:443", "[2001:db8::1]:443". */
  remote?: string;
  /** The proxy the request went through, without credentials: "PROXY proxy.example:3128". */
  proxy?: string;
  tls?: TlsFacts;
}

export interface TlsFacts {
  /** "TLSv1.3" */
  protocol: string;
  subject: string;
  issuer: string;
  /** As the certificate has it: "Nov 22 04:02:44 2027 GMT". */
  validTo: string;
  /** Why the certificate would have been refused, had verification not been switched off. */
  unverified?: string;
}

/**
 * Why a stream is over. `code` is the platform's (ECONNRESET, ENOTFOUND ...), for the details. `injected`: the fault
 * lab ended it.
 */
export type StreamEnd =
  | { kind: 'end'; injected?: true }
  | { kind: 'error'; error: TransportErrorKind; code: string; message: string; injected?: true };

export type TransportErrorKind =
  | 'refused'
  | 'dns'
  /** No way to the host from this machine. */
  | 'unreachable'
  | 'reset'
  /** The connection was closed before any answer. */
  | 'noAnswer'
  /** A chunked body that stopped before its last chunk. */
  | 'truncated'
  /** A body that stopped before its Content-Length. */
  | 'short'
  | 'timeout'
  /** No response head in time. */
  | 'headTimeout'
  /** A response head over 64 KiB. */
  | 'headTooLarge'
  /** A response head with a field that HTTP doesn't allow. */
  | 'invalidHeader'
  | 'tls'
  /** The proxy couldn't be reached. */
  | 'proxy'
  /** The proxy answered itself instead of opening a tunnel to the server. */
  | 'proxyRefused'
  /** The bytes were not HTTP. */
  | 'protocol'
  /** The body isn't what its Content-Encoding says, or that isn't known here. */
  | 'encoding'
  | 'network';

/** Receives what comes back, in order: at most one head, then chunks, then exactly one end unless disposed. */
export interface TransportHandler {
  head(head: ResponseHead): void;
  /** As the server sent them, one by one. The bytes belong to the callee from here on. */
  chunk(bytes: Uint8Array): void;
  end(end: StreamEnd): void;
}

/** A request on its way. Disposing it aborts it. */
export interface Exchange extends Disposable {
  /** The header fields as they went out, with what was added on the way; missing where nobody knows. */
  sentHeaders?(): HeaderList | undefined;
}

/** The port to the network. Faults enter here, in front of it, so that they meet the real handling code. */
export interface Transport {
  /**
   * Sends the request. Calls back only after it has returned; once the result is disposed, which aborts the
   * request, never again. Throws where the request can't be made of what was given.
   */
  open(request: HttpRequest, handler: TransportHandler): Exchange;
}
