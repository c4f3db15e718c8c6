// Redirects in our own hands: given the request and its answer, the next request or why there is none. Pure.
// What leaves the origin that the user configured leaves without a credential, whichever form it has.
import { headerValue, headerValues } from '../base/headers.ts';
import { isSecretHeader, isSecretParameter, Redactor } from '../base/redaction.ts';
import { lastEventIdHeader } from './lastEventId.ts';
import type { HttpRequest, ResponseHead } from './transport.ts';

/** Why a redirect can't be followed, whatever the policy. An empty Location is the one that a browser follows. */
export type RedirectProblem =
  | 'missing'
  | 'empty'
  | 'unparsable'
  | 'scheme'
  /** The target has a user name or a password in it. */
  | 'userinfo'
  /** The target is of another origin and names a credential of ours outside its query. */
  | 'credential'
  /** The request has a body, and would take it to another origin. */
  | 'body';

/** A redirect as the machine, the policies and the records see it: without credentials. */
export interface Redirect {
  from: string;
  /** The URL it leads to; where that is none, the Location as it was sent. */
  to: string;
  /** Scheme, host and port of `to`; empty where there is none. */
  origin: string;
  crossOrigin: boolean;
  problem?: RedirectProblem;
}

/** The next request of an attempt. Its URL may hold what must not be shown. */
export interface Hop {
  url: string;
  method: string;
  dropsBody: boolean;
  /** It has left the configured origin, be it only on its way: no credential goes along, nor anything configured. */
  bare: boolean;
}

/** Fetch, "redirect status". */
const redirectStatuses = new Set([301, 302, 303, 307, 308]);
/** Fetch, "request-body-header name", and what the framing of a body adds. */
const bodyHeaders = new Set([
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
  'content-length',
  'transfer-encoding',
]);

/**
 * What an answer asks for (RFC 9110 section 15.4; Fetch, "HTTP-redirect fetch"). Undefined where it is no redirect.
 * @param bare whether `request` had left the configured origin already
 * @param secrets knows the credentials of the attempt
 */
export function redirectOf(
  request: HttpRequest,
  head: ResponseHead,
  bare: boolean,
  secrets: readonly Pick<Redactor, 'text'>[],
): { hop?: Hop; location: string; crossOrigin: boolean; problem?: RedirectProblem } | undefined {
  if (!redirectStatuses.has(head.status)) return undefined;
  // "Extracting header list values given `Location`": several that differ are a failure.
  const values = new Set(headerValues(head.headers, 'location'));
  const location = fromBytes(headerValue(head.headers, 'location') ?? '');
  const none = (problem: RedirectProblem) => ({ location, crossOrigin: false, problem });
  if (values.size === 0) return none('missing');
  if (values.size > 1 || !URL.canParse(location, request.url)) return none('unparsable');
  const from = new URL(request.url);
  const to = new URL(location, from);
  to.hash = '';
  if (to.protocol !== 'http:' && to.protocol !== 'https:') return none('scheme');
  const crossOrigin = to.origin !== from.origin;
  // "If request's mode is `cors`, locationURL includes credentials, and request's origin is not same origin with
  // locationURL's origin, then return a network error." To the own origin, too: they'd take our credential's place.
  if (to.username !== '' || to.password !== '') return { location, crossOrigin, problem: 'userinfo' };

  const { method, dropsBody } = rewritten(request.method, head.status);
  const leaves = bare || crossOrigin;
  if (leaves && !strip(to, secrets)) return { location, crossOrigin, problem: 'credential' };
  if (leaves && request.body !== undefined && !dropsBody) return { location, crossOrigin, problem: 'body' };
  const hop: Hop = { url: to.href, method, dropsBody, bare: leaves };
  return { hop, location: to.href, crossOrigin, ...(location.trim() === '' ? { problem: 'empty' } : {}) };
}

// "If one of the following is true: internalResponse's status is 301 or 302 and request's method is `POST`;
// internalResponse's status is 303 and request's method is not `GET` or `HEAD`, then: set request's method to
// `GET` and request's body to null; for each headerName of request-body-header name, delete headerName".
function rewritten(method: string, status: number): { method: string; dropsBody: boolean } {
  const becomesGet =
    ((status === 301 || status === 302) && method === 'POST') ||
    (status === 303 && method !== 'GET' && method !== 'HEAD');
  return becomesGet ? { method: 'GET', dropsBody: true } : { method, dropsBody: false };
}

/** The request to the new place, with the credential that belongs to the configured origin. */
export function redirected(authorized: HttpRequest, hop: Hop): HttpRequest {
  const { body, ...request } = { ...authorized, method: hop.method };
  if (hop.dropsBody) {
    return { ...request, headers: request.headers.filter(([name]) => !bodyHeaders.has(name.toLowerCase())) };
  }
  return body === undefined ? request : { ...request, body };
}

/** The request to an origin that isn't ours to talk to: nothing but what every EventSource sends. */
export function bareRequest(hop: Hop, lastEventId: string): HttpRequest {
  const id = lastEventIdHeader(lastEventId);
  return {
    url: hop.url,
    method: hop.method,
    bare: true,
    headers: [
      ['Accept', 'text/event-stream'],
      ['Cache-Control', 'no-cache'],
      ['Accept-Encoding', 'identity'],
      ...(id === undefined ? [] : ([['Last-Event-ID', id]] as const)),
    ],
  };
}

/** Knows the credentials that a request carries, to find them again where a server echoes them. */
export function credentialsOf(request: HttpRequest): Redactor {
  const known = new Redactor();
  for (const secret of secretsIn(request)) known.add(secret);
  return known;
}

/** The credentials that a request carries, by the names of what they stand in. */
export function secretsIn({ url, headers }: Pick<HttpRequest, 'url' | 'headers'>): string[] {
  const found: string[] = [];
  for (const [name, value] of headers) {
    if (!isSecretHeader(name)) continue;
    found.push(value);
    // Without the scheme; of cookies each value by itself.
    if (name.toLowerCase() !== 'cookie') found.push(value.replace(/^\S+\s+/, ''));
    else for (const pair of value.split(';')) found.push(pair.slice(pair.indexOf('=') + 1).trim());
  }
  for (const [name, value] of new URL(url).searchParams) if (isSecretParameter(name)) found.push(value);
  return found;
}

/** Takes the parameters that hold a secret out of a URL. False where one is in another part of it. */
function strip(url: URL, secrets: readonly Pick<Redactor, 'text'>[]): boolean {
  const holds = (text: string): boolean =>
    [text, unescaped(text)].some((form) => secrets.some((known) => known.text(form) !== form));
  if (!holds(url.href)) return true;
  url.search = url.search
    .slice(1)
    .split('&')
    .filter((parameter) => !holds(parameter))
    .join('&');
  return !holds(url.href);
}

/** A URL's text with letters that needn't have been escaped as they are. */
function unescaped(text: string): string {
  return text.replace(/%[2-7][0-9a-f]/gi, (octet) =>
    String.fromCharCode(Number.parseInt(octet.slice(1), 16)),
  );
}

/** Header values come one character a byte; URLs in them are UTF-8. */
function fromBytes(value: string): string {
  return new TextDecoder().decode(Uint8Array.from(value, (character) => character.charCodeAt(0)));
}
