// The header fields of a request on their way to the upstream, and of its answer on their way back. Pure.
import { type HeaderList, headerValue, headerValues } from '../base/headers.ts';
import { cookiesForUpstream, setCookieForClient } from './proxyCookies.ts';

/** Where a client meets the proxy, and what stands behind it. */
export interface ProxyPlace {
  /** As the client names it: "http://127.0.0.1:4711". */
  origin: string;
  /** "/secret" */
  prefix: string;
  /** "https://api.example.com" */
  upstream: string;
}

/** They speak of one connection, not of the message (RFC 9110 section 7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** Identity is asked for always: faults work on the stream itself, and so does the record. */
const ofTheProxy = new Set(['host', 'expect', 'accept-encoding', 'trailer']);

/** What the upstream gets of a client's header fields; Host is added by who sends them. */
export function fieldsForUpstream(headers: HeaderList, { origin, prefix, upstream }: ProxyPlace): HeaderList {
  const ofConnection = namesIn(headers, 'connection');
  const fields = headers.flatMap(([name, value]): HeaderList => {
    const key = name.toLowerCase();
    if (key === 'transfer-encoding') return [[name, 'chunked']];
    if (hopByHop.has(key) || ofConnection.has(key) || ofTheProxy.has(key)) return [];
    switch (key) {
      case 'cookie':
        return [[name, cookiesForUpstream(value)]];
      // A page that came through the proxy names it; the upstream would take it for a foreign one.
      case 'origin':
        return [[name, value === origin ? upstream : value]];
      case 'referer':
        return [[name, value.startsWith(origin) ? value.replace(origin + prefix, upstream) : value]];
      default:
        return [[name, value]];
    }
  });
  return [...fields, ['Accept-Encoding', 'identity']];
}

/**
 * What the client gets of an answer's header fields.
 * @param url the request's, at the upstream
 * @param isDecoded its Content-Encoding was undone
 * @param origin of the page that asks, where one does
 */
export function fieldsForClient(
  headers: HeaderList,
  place: ProxyPlace,
  { url, isDecoded, origin }: { url: string; isDecoded: boolean; origin: string | undefined },
): HeaderList {
  const ofConnection = namesIn(headers, 'connection');
  const fields = headers.flatMap(([name, value]): HeaderList => {
    const key = name.toLowerCase();
    if (hopByHop.has(key) || ofConnection.has(key)) return [];
    if (isDecoded && (key === 'content-encoding' || key === 'content-length')) return [];
    if (origin !== undefined && key.startsWith('access-control-')) return [];
    if (key === 'location') return [[name, locationForClient(value, url, place)]];
    if (key === 'set-cookie') return [[name, setCookieForClient(value, place.prefix)]];
    return [[name, value]];
  });
  return origin === undefined ? fields : [...fields, ...corsFields(origin, fields)];
}

/** Where a redirect leads a client: through the proxy, as long as it stays at the upstream. */
function locationForClient(location: string, url: string, { origin, prefix, upstream }: ProxyPlace): string {
  const to = URL.parse(location, url);
  return to?.origin === upstream ? origin + prefix + to.href.slice(upstream.length) : location;
}

/** Where a redirect leads to that leaves the upstream, and so the proxy. */
export function escapeOf(
  { status, headers }: { status: number; headers: HeaderList },
  url: string,
  upstream: string,
): string | undefined {
  const location = headerValue(headers, 'location');
  if (location === undefined || status < 300 || status > 399) return undefined;
  const to = URL.parse(location, url);
  return to === null || to.origin === upstream ? undefined : to.href;
}

/** The page's origin was allowed by the user: it may read all there is (Fetch, "CORS protocol"). */
function corsFields(origin: string, fields: HeaderList): HeaderList {
  // With credentials "*" is no wildcard.
  const exposed = [...new Set(fields.map(([name]) => name.toLowerCase()))];
  return [
    ['Access-Control-Allow-Origin', origin],
    ['Access-Control-Allow-Credentials', 'true'],
    ['Access-Control-Expose-Headers', exposed.join(', ')],
    ['Vary', 'Origin'],
  ];
}

/** The answer to a preflight of a page whose origin was allowed. */
export function preflightFields(headers: HeaderList, origin: string): HeaderList {
  const asked = headerValue(headers, 'access-control-request-headers');
  return [
    ['Access-Control-Allow-Origin', origin],
    ['Access-Control-Allow-Credentials', 'true'],
    ['Access-Control-Allow-Methods', headerValue(headers, 'access-control-request-method') ?? 'GET'],
    ...(asked === undefined ? [] : ([['Access-Control-Allow-Headers', asked]] as const)),
    ...(headerValue(headers, 'access-control-request-private-network') === undefined
      ? []
      : ([['Access-Control-Allow-Private-Network', 'true']] as const)),
    ['Access-Control-Max-Age', '600'],
    ['Vary', 'Origin'],
  ];
}

/** The field names that a field lists. */
function namesIn(headers: HeaderList, name: string): Set<string> {
  return new Set(
    headerValues(headers, name)
      .join(',')
      .split(',')
      .map((one) => one.trim().toLowerCase()),
  );
}
