import { type HeaderList, headerValues } from '../base/headers.ts';
import type { Exchange, HttpRequest, Transport, TransportHandler } from '../sse/transport.ts';
import type { Masks } from './masks.ts';

type Cookie = readonly [name: string, value: string];

/** The port to a cookie jar (RFC 6265), in memory and bounded. */
export interface CookieJar {
  /** The cookies for a request to this URL. */
  cookies(url: string): readonly Cookie[];
  /** Keeps what an answer of this URL sets; `fields` are the values of its Set-Cookie fields. */
  keep(url: string, fields: readonly string[]): void;
}

/**
 * Keeps the cookies that the connection's own origin sets and sends them with later attempts. What comes from, or
 * goes to, another origin (a redirect) has no part in it.
 */
export class CookieTransport implements Transport {
  readonly #transport: Transport;
  readonly #jar: CookieJar;
  readonly #masks: Masks;
  readonly #origin: () => string | undefined;

  constructor(transport: Transport, jar: CookieJar, masks: Masks, origin: () => string | undefined) {
    this.#transport = transport;
    this.#jar = jar;
    this.#masks = masks;
    this.#origin = origin;
  }

  open(request: HttpRequest, handler: TransportHandler): Exchange {
    if (request.bare || new URL(request.url).origin !== this.#origin())
      return this.#transport.open(request, handler);
    const headers = addCookies(request.headers, this.#jar.cookies(request.url));
    return this.#transport.open(
      { ...request, headers },
      {
        head: (head) => {
          const fields = headerValues(head.headers, 'set-cookie');
          if (fields.length > 0) {
            this.#jar.keep(request.url, fields);
            for (const [, value] of this.#jar.cookies(request.url)) this.#masks.add(value);
          }
          handler.head(head);
        },
        chunk: (bytes) => handler.chunk(bytes),
        end: (end) => handler.end(end),
      },
    );
  }
}

/** The jar's cookies behind the configured ones; of one name the configured one stays. */
export function addCookies(headers: HeaderList, cookies: readonly Cookie[]): HeaderList {
  const configured = headerValues(headers, 'cookie')
    .flatMap((value) => value.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '');
  const names = new Set(configured.map((pair) => pair.split('=', 1)[0]?.trim()));
  const added = cookies.filter(([name]) => !names.has(name)).map(([name, value]) => `${name}=${value}`);
  if (added.length === 0) return headers;
  const others = headers.filter(([name]) => name.toLowerCase() !== 'cookie');
  return [...others, ['Cookie', [...configured, ...added].join('; ')]];
}
