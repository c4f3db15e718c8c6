import type { Disposable } from '../base/disposables.ts';
import type { HeaderList } from '../base/headers.ts';

/** One HTTP request as it goes out, credentials in place. Never kept, logged or shown. */
export interface HttpRequest {
  url: string;
  method: string;
  /** Values are byte strings: one character a byte (RFC 9110 section 5.5). */
  headers: HeaderList;
  body?: string;
}

export interface ResponseHead {
  status: number;
  statusText: string;
  httpVersion: string;
  headers: HeaderList;
}

/** Why a stream is over. `code` is the platform's (ECONNRESET, ENOTFOUND ...), for the details. */
export type StreamEnd =
  | { kind: 'end' }
  | { kind: 'error'; error: TransportErrorKind; code: string; message: string };

export type TransportErrorKind =
  | 'refused'
  | 'dns'
  | 'reset'
  /** The body stopped before its announced end. */
  | 'truncated'
  | 'timeout'
  /** No response head in time. */
  | 'headTimeout'
  | 'tls'
  /** The bytes were not HTTP. */
  | 'protocol'
  | 'network';

/** Receives what comes back, in order: at most one head, then chunks, then exactly one end unless disposed. */
export interface TransportHandler {
  head(head: ResponseHead): void;
  /** The bytes belong to the callee from here on. */
  chunk(bytes: Uint8Array): void;
  end(end: StreamEnd): void;
}

/** The port to the network. Faults enter here, in front of it, so that they meet the real handling code. */
export interface Transport {
  /**
   * Sends the request. Calls back only after it has returned; once the result is disposed, which aborts the
   * request, never again. Throws where the request can't be made of what was given.
   */
  open(request: HttpRequest, handler: TransportHandler): Disposable;
}
