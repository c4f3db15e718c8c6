// A request as it may be kept and shown: what went out, without a credential in it.
import type { HeaderList } from '../base/headers.ts';
import { isSecretHeader, isSecretParameter, mask } from '../base/redaction.ts';
import type { HttpRequest } from './transport.ts';

/** Of a request's body at most this much is kept, in characters. */
export const maxSentBody = 64 * 1024;

/** The request of one attempt, credentials masked. */
export interface SentRequest {
  /** When it was sent, in epoch milliseconds. */
  time: number;
  method: string;
  url: string;
  /** As they went out, with what the transport added. */
  headers: HeaderList;
  /** Its start where it is long; `bodyBytes` is the size of the whole as it was sent. */
  body?: string;
  bodyBytes?: number;
}

interface Masking {
  headers(headers: HeaderList): HeaderList;
  text(text: string): string;
  url(url: string): string;
}

/** @param headers the fields as they went out, where the transport tells; else those that it was given count */
export function sentRequest(
  request: HttpRequest,
  headers: HeaderList | undefined,
  time: number,
  redact: Masking,
): SentRequest {
  const { method, body } = request;
  return {
    time,
    method,
    url: redact.url(withoutCredential(request)),
    headers: redact.headers(
      (headers ?? request.headers).map(([name, value]) => [name, isCredential(name, request) ? mask : value]),
    ),
    ...(body === undefined
      ? {}
      : {
          // Masked before it is cut, so that no part of a credential is left at the end.
          body: redact.text(body).slice(0, maxSentBody).toWellFormed(),
          bodyBytes: new TextEncoder().encode(body).length,
        }),
  };
}

/** Also by its name: a credential too short to be looked for in texts has its place here all the same. */
function isCredential(name: string, { credential }: HttpRequest): boolean {
  return isSecretHeader(name) || isSecretParameter(name) || name.toLowerCase() === credential?.toLowerCase();
}

function withoutCredential({ url, credential }: HttpRequest): string {
  if (credential === undefined) return url;
  const shown = new URL(url);
  if (!shown.searchParams.has(credential)) return url;
  shown.searchParams.set(credential, mask);
  return shown.href;
}
