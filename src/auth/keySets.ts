// Public keys of issuers (JWKS, RFC 7517 section 5), fetched where they say they are.
import type { JWK } from 'jose';
import type { HttpRequest, TlsOptions } from '../sse/transport.ts';
import { askForJson, CheckFailure } from './askForJson.ts';
import type { ExchangePorts } from './textExchange.ts';

const limits = { ms: 10_000, bytes: 256 * 1024 };
const mostKeys = 100;
const mostSets = 20;
/** Keys are rotated by the day, not by the minute. */
const freshMs = 10 * 60_000;
/** A token with an unknown key has the set fetched again, but not more often than this. */
const cooldownMs = 30_000;

interface Held {
  keys: readonly JWK[];
  fetchedAt: number;
}

/** Fetches key sets, one flight for each URL at a time, and keeps them for a while. */
export class KeySets {
  readonly #ports: ExchangePorts;
  readonly #held = new Map<string, Held>();
  readonly #flights = new Map<string, Promise<Held>>();

  constructor(ports: ExchangePorts) {
    this.#ports = ports;
  }

  /**
   * The keys at a URL. Rejects with CheckFailure.
   * @param wanted the id of the key that is looked for
   */
  async get(url: string, wanted: string | undefined, tls: TlsOptions | undefined): Promise<readonly JWK[]> {
    const held = this.#held.get(url);
    if (held) {
      const age = this.#ports.clock.now() - held.fetchedAt;
      const isEnough = wanted === undefined || held.keys.some(({ kid }) => kid === wanted);
      if (age >= 0 && age < (isEnough ? freshMs : cooldownMs)) return held.keys;
    }
    return (await this.#fetch(url, tls)).keys;
  }

  #fetch(url: string, tls: TlsOptions | undefined): Promise<Held> {
    const flying = this.#flights.get(url);
    if (flying) return flying;
    const flight = this.#ask(url, tls).finally(() => this.#flights.delete(url));
    this.#flights.set(url, flight);
    return flight;
  }

  async #ask(url: string, tls: TlsOptions | undefined): Promise<Held> {
    const request: HttpRequest = {
      url,
      method: 'GET',
      headers: [
        ['Accept', 'application/jwk-set+json, application/json'],
        ['Accept-Encoding', 'identity'],
      ],
      ...(tls ? { tls } : {}),
    };
    const json = await askForJson(request, limits, this.#ports, `The JWKS of ${new URL(url).host}`);
    const held = { keys: publicKeys(json, new URL(url).host), fetchedAt: this.#ports.clock.now() };
    this.#held.delete(url);
    this.#held.set(url, held);
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= mostSets) break;
      this.#held.delete(oldest);
    }
    return held;
  }
}

/** A set that everyone can read holds no secrets: one in it would let everyone sign. */
function publicKeys(json: unknown, host: string): JWK[] {
  const keys = typeof json === 'object' && json !== null && 'keys' in json ? json.keys : undefined;
  if (!Array.isArray(keys))
    throw new CheckFailure(`what ${host} answered is not a JWKS: it has no list "keys"`);
  if (keys.length > mostKeys) throw new CheckFailure(`the JWKS of ${host} has more than ${mostKeys} keys`);
  return keys.filter(isJwk).filter(({ kty }) => kty !== 'oct');
}

function isJwk(value: unknown): value is JWK {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Record<string, unknown> = { ...value };
  const texts = ['kid', 'alg', 'use', 'crv'].every((name) =>
    ['string', 'undefined'].includes(typeof fields[name]),
  );
  return typeof fields.kty === 'string' && texts;
}
