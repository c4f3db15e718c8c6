import * as tough from 'tough-cookie';
import type { CookieJar } from '../session/cookieTransport.ts';

/** As browsers have it (RFC 6265 section 6.1 asks for 50 cookies a domain and 4096 bytes each at least). */
const maxCookies = 50;
const maxBytes = 4_096;

/**
 * Cookies in memory, for the origin that set them: the port counts here, other than in RFC 6265 section 8.5, and a
 * Domain attribute leads to no other host. Of more than 50 the oldest go; one of more than 4 KiB isn't kept.
 */
export class MemoryCookieJar implements CookieJar {
  readonly #jars = new Map<string, { jar: tough.CookieJar; store: tough.MemoryCookieStore }>();

  cookies(url: string): [string, string][] {
    const known = this.#jars.get(new URL(url).origin);
    return known?.jar.getCookiesSync(url).map(({ key, value }) => [key, value]) ?? [];
  }

  keep(url: string, fields: readonly string[]): void {
    const { jar, store } = this.#jarOf(new URL(url).origin);
    for (const field of fields) {
      if (Buffer.byteLength(field.split(';', 1)[0] ?? '') > maxBytes) continue;
      // What isn't a cookie, or is for another domain, is the server's mistake and no reason to stop.
      jar.setCookieSync(field, url, { ignoreError: true });
      bound(store);
    }
  }

  #jarOf(origin: string): { jar: tough.CookieJar; store: tough.MemoryCookieStore } {
    const known = this.#jars.get(origin);
    if (known) return known;
    const store = new tough.MemoryCookieStore();
    // Loopback counts as secure, as in browsers.
    const jar = new tough.CookieJar(store, { allowSecureOnLocal: true });
    const made = { jar, store };
    this.#jars.set(origin, made);
    return made;
  }
}

function bound(store: tough.MemoryCookieStore): void {
  // The store is a synchronous one: it calls back before it returns.
  let all: tough.Cookie[] = [];
  store.getAllCookies((_, cookies) => {
    all = cookies ?? [];
  });
  const oldestFirst = all.toSorted((a, b) => (a.creationIndex ?? 0) - (b.creationIndex ?? 0));
  for (const { domain, path, key } of oldestFirst.slice(0, Math.max(0, all.length - maxCookies))) {
    if (domain !== null && path !== null) store.removeCookie(domain, path, key, () => {});
  }
}
