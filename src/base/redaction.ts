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
/** A variable of the settings, as the parts of a URL write it. */
const encodedVariable = /(?:\$|%24)(?:\{|%7B)(env|secret)(?::|%3A)([\w.()-]+)(?:\}|%7D)/gi;
/** Shorter strings would mask ordinary words. */
const shortestSecret = 6;
/** Stands for each byte of a credential where lengths must stay. */
const maskByte = 0x2a;
const LF = 0x0a;
const CR = 0x0d;
/** Gives one character a byte, so that patterns can run over bytes and find places in them. */
const byteText = new TextDecoder('windows-1252');
const utf8 = new TextEncoder();

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
  readonly #secrets = new Map<string, Secret>();

  /** From now on `secret` is masked, however a server may have escaped it, until the result is disposed. */
  add(secret: string): Disposable {
    if (secret.length < shortestSecret) return toDisposable(() => {});
    const entry = this.#secrets.get(secret) ?? newSecret(secret);
    entry.uses++;
    this.#secrets.set(secret, entry);
    return toDisposable(() => {
      entry.uses--;
      if (entry.uses === 0) this.#secrets.delete(secret);
    });
  }

  text(text: string): string {
    let clean = text;
    for (const { pattern } of this.#secrets.values()) clean = clean.replace(pattern, mask);
    let masked = clean.length;
    for (const places of this.#split(clean, 'pattern').reverse()) {
      const [start = 0] = places;
      const end = Math.min((places.at(-1) ?? 0) + 1, masked);
      clean = `${clean.slice(0, start)}${mask}${clean.slice(end)}`;
      masked = start;
    }
    return clean.replace(jwtPattern, mask);
  }

  /** A text that was cut off at its end: also the start of a secret there, whose rest is missing, is masked. */
  cutText(text: string): string {
    const clean = this.text(text);
    for (const secret of this.#secrets.keys()) {
      const longest = Math.min(secret.length - 1, clean.length);
      for (let length = longest; length >= shortestSecret; length--) {
        if (clean.endsWith(secret.slice(0, length))) return `${clean.slice(0, -length)}${mask}`;
      }
    }
    return clean;
  }

  /**
   * Received bytes with an asterisk for each byte of a credential; line ends stay. The same array where there is
   * nothing to mask.
   */
  bytes(bytes: Uint8Array): Uint8Array {
    const text = byteText.decode(bytes);
    let clean = bytes;
    const coverAt = (at: number): void => {
      if (clean === bytes) clean = bytes.slice();
      if (bytes[at] !== LF && bytes[at] !== CR) clean[at] = maskByte;
    };
    const cover = (pattern: RegExp): void => {
      for (const match of text.matchAll(pattern))
        for (let at = match.index; at < match.index + match[0].length; at++) coverAt(at);
    };
    for (const { cores, bytePattern } of this.#secrets.values())
      if (cores.some((core) => text.includes(core))) cover(bytePattern);
    if (text.includes('eyJ')) cover(jwtPattern);
    for (const places of this.#split(text, 'bytePattern')) places.forEach(coverAt);
    return clean;
  }

  /**
   * The credentials that an event's data (WHATWG HTML 9.2.6) deals out over several lines: of each the places of its
   * characters in `text`, ascending.
   */
  #split(text: string, pattern: 'pattern' | 'bytePattern'): number[][] {
    if (this.#secrets.size === 0 || !/[\r\n][^\r\n]/.test(text)) return [];
    // Where each line's value begins, in the text and in the values side by side.
    const lines: { at: number; joined: number }[] = [];
    let joined = '';
    for (const { index, 0: line } of text.matchAll(/[^\r\n]+/g)) {
      const [name = ''] = /^data: ?/.exec(line) ?? [];
      // In bytes other fields may stand in between.
      if (name === '' && pattern === 'bytePattern') continue;
      lines.push({ at: index + name.length, joined: joined.length });
      joined += line.slice(name.length);
    }
    if (lines.length < 2) return [];
    const found: number[][] = [];
    for (const secret of this.#secrets.values()) {
      if (!secret.cores.some((core) => joined.includes(core))) continue;
      let line = 0;
      for (const { index, 0: match } of joined.matchAll(secret[pattern])) {
        const places: number[] = [];
        for (let i = index; i < index + match.length; i++) {
          while ((lines[line + 1]?.joined ?? Number.POSITIVE_INFINITY) <= i) line++;
          const { at, joined: before } = lines[line] as (typeof lines)[number];
          places.push(at + i - before);
        }
        found.push(places);
      }
    }
    return found.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
  }

  /** Header fields with the values of credential headers masked and the rest cleaned. */
  headers(headers: readonly (readonly [string, string])[]): [string, string][] {
    return headers.map(([name, value]) => [this.text(name), isSecretHeader(name) ? mask : this.text(value)]);
  }

  /** A URL to show: no userinfo, no values of credential parameters, no known secret. */
  url(url: string): string {
    return this.text(displayUrl(url));
  }
}

interface Secret {
  uses: number;
  pattern: RegExp;
  /** For a text of one character a byte. */
  bytePattern: RegExp;
  /** What has none of these has no form of the secret. */
  cores: string[];
}

function newSecret(secret: string): Secret {
  const encoded = base64Forms(secret);
  const escapedBase64 = encoded.map(base64Pattern);
  const inBytes = (character: string): string => literal(byteText.decode(utf8.encode(character)));
  return {
    uses: 0,
    pattern: new RegExp([echoPattern(secret, literal), ...escapedBase64].join('|'), 'gu'),
    bytePattern: new RegExp([echoPattern(secret, inBytes), ...escapedBase64].join('|'), 'gu'),
    cores: [secret, ...encoded].map(longestRun),
  };
}

/** Letters and digits, which stay whatever a text is escaped for. */
function longestRun(text: string): string {
  const runs = text.match(/[A-Za-z0-9]+/g) ?? [''];
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest));
}

/** Nobody sends a longer one in base64, and each form is a pattern of that length. */
const longestInBase64 = 8_192;

/**
 * What is in base64 (RFC 4648) of any text that has the secret in it, as that of basic authentication has: there are
 * three, by the place where the secret begins. Without the characters that its neighbours have a part in.
 */
function base64Forms(secret: string): string[] {
  const bytes = utf8.encode(secret);
  if (bytes.length > longestInBase64) return [];
  return [0, 1, 2].map((offset) => {
    const text = byteString(offset, bytes);
    return btoa(text).slice(Math.ceil((offset * 8) / 6), Math.floor((text.length * 8) / 6));
  });
}

function byteString(offset: number, bytes: Uint8Array): string {
  return '\0'.repeat(offset) + Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

/** With the other alphabet, that of URLs, and escaped for URLs and JSON. */
function base64Pattern(text: string): string {
  return text.replaceAll('+', '(?:[+\\-]|%2[bB])').replaceAll('/', '(?:[\\/_]|%2[fF]|\\\\\\/)');
}

/** A pattern for the very text. */
function literal(text: string): string {
  return Array.from(text, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`).join('');
}

/** Finds a secret as it is, percent-encoded, and escaped for JSON or HTML. Letters and digits stay in all of them. */
function echoPattern(secret: string, pattern: (character: string) => string): string {
  const source = Array.from(secret, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (/[A-Za-z0-9]/.test(character)) return character;
    const hex = code.toString(16).padStart(2, '0');
    const anyCase = anyHexCase(hex);
    const itself = pattern(character);
    // JSON escapes a character past U+FFFF as two (RFC 8259 section 7).
    const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i).toString(16));
    const escaped = units.map((unit) => `\\\\u0*${anyHexCase(unit)}`).join('');
    const json = `(?:\\\\${itself}|${escaped})`;
    const html = `&#(?:0*${code}|[xX]0*${anyCase});|&(?:amp|lt|gt|quot|apos);`;
    const percent = encodeURIComponent(character).replace(/[A-F]/g, (d) => `[${d}${d.toLowerCase()}]`);
    const percentAscii = code < 0x80 ? `%${anyCase}` : percent.startsWith('%') ? percent : itself;
    return `(?:${itself}|${percentAscii}|${json}|${html})`;
  });
  return source.join('');
}

function anyHexCase(hex: string): string {
  return hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
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
  return parsed.href.replaceAll(encodeURIComponent(mask), mask).replace(encodedVariable, '$${$1:$2}');
}
