import { type Disposable, toDisposable } from './disposables.ts';

/** What stands where a credential was. */
export const mask = '•••';

/** Names whose values are credentials whoever wrote them. Compared in lower case. */
const secretHeaders = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'api-key',
  'x-auth-token',
  'x-amz-security-token',
]);
const secretParameters =
  /^(?:.*[-_])?(?:token|jwt|api[-_]?key|secret|password|passwd|signature|sig|auth|key|code)$/i;
const jwtPattern = /\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*/g;
/** Shorter strings would mask ordinary words. */
const shortestSecret = 6;

export function isSecretHeader(name: string): boolean {
  return secretHeaders.has(name.toLowerCase());
}

export function isSecretParameter(name: string): boolean {
  return secretParameters.test(name);
}

/** A compact JWS/JWE as it appears in text (RFC 7515 section 7.1): base64url of `{"` begins with `eyJ`. */
export function looksLikeJwt(text: string): boolean {
  return /^eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_.-]*$/.test(text);
}

/**
 * Knows the credentials in use and masks them in any text on its way to a log, a message or a record.
 * It stands at the door of those sinks: what passes through it is clean whatever the caller did.
 */
export class Redactor {
  readonly #secrets = new Map<string, number>();

  /** From now on `secret` (and its percent-encoded form) is masked, until the result is disposed. */
  add(secret: string): Disposable {
    const forms = [...new Set([secret, encodeURIComponent(secret)])].filter(
      (form) => form.length >= shortestSecret,
    );
    for (const form of forms) this.#secrets.set(form, (this.#secrets.get(form) ?? 0) + 1);
    return toDisposable(() => {
      for (const form of forms) {
        const left = (this.#secrets.get(form) ?? 1) - 1;
        if (left > 0) this.#secrets.set(form, left);
        else this.#secrets.delete(form);
      }
    });
  }

  text(text: string): string {
    let clean = text;
    for (const secret of this.#secrets.keys()) {
      if (clean.includes(secret)) clean = clean.replaceAll(secret, mask);
    }
    return clean.replace(jwtPattern, mask);
  }

  /** Header fields with the values of credential headers masked and the rest cleaned. */
  headers(headers: readonly (readonly [string, string])[]): [string, string][] {
    return headers.map(([name, value]) => [name, isSecretHeader(name) ? mask : this.text(value)]);
  }

  /** A URL to show: no userinfo, no values of credential parameters, no known secret. */
  url(url: string): string {
    return this.text(displayUrl(url));
  }
}

/** A URL without what may be a credential in it: userinfo and the values of parameters named like one. */
export function displayUrl(url: string): string {
  if (!URL.canParse(url)) return url;
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  for (const [name, value] of [...parsed.searchParams]) {
    if (value !== '' && (isSecretParameter(name) || looksLikeJwt(value))) parsed.searchParams.set(name, mask);
  }
  return parsed.href.replaceAll(encodeURIComponent(mask), mask);
}
