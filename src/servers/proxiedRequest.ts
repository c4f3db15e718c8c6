// What a client of the proxy sent, as far as it may be kept: credentials are masked here, at the door.
import { type HeaderList, headerValue } from '../base/headers.ts';
import { isSecretHeader, isSecretParameter, looksLikeJwt, type Redactor } from '../base/redaction.ts';
import { type SentRequest, sentRequest } from '../sse/sentRequest.ts';

/** Where the token of a request travels. */
export type TokenPlacement = 'header' | 'query' | 'cookie' | 'none';

export interface ProxiedRequest {
  /** As the client sent it, but to the upstream; masked. */
  sent: SentRequest;
  userAgent: string;
  /** Of the page that asks; empty where it is none. */
  origin: string;
  path: string;
  placement: TokenPlacement;
  /** Empty for none: then it begins anew. */
  lastEventId: string;
}

/** @param url at the upstream */
export function proxiedRequest(
  method: string,
  url: string,
  headers: HeaderList,
  time: number,
  redactor: Redactor,
): ProxiedRequest {
  return {
    sent: sentRequest({ method, url, headers }, undefined, time, redactor),
    userAgent: redactor.text(headerValue(headers, 'user-agent') ?? ''),
    origin: headerValue(headers, 'origin') ?? '',
    path: redactor.text(new URL(url).pathname),
    placement: placementOf(url, headers),
    lastEventId: utf8Of(headerValue(headers, 'last-event-id') ?? ''),
  };
}

/** The header counts before the query, the query before the cookie (RFC 6750 section 2). */
export function placementOf(url: string, headers: HeaderList): TokenPlacement {
  const isToken = ([name, value]: readonly [string, string]): boolean =>
    name.toLowerCase() !== 'cookie' &&
    (isSecretHeader(name) || isSecretParameter(name) || looksLikeJwt(value));
  if (headers.some(isToken)) return 'header';
  for (const [name, value] of new URL(url).searchParams)
    if (isSecretParameter(name) || looksLikeJwt(value)) return 'query';
  return headerValue(headers, 'cookie') === undefined ? 'none' : 'cookie';
}

/** An id is sent as UTF-8, and a header value comes one character a byte. */
function utf8Of(value: string): string {
  return Buffer.from(value, 'latin1').toString('utf8');
}
