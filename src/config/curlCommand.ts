// A pasted cURL command as a connection without any credential, and the credentials that were in it. Pure.
import { AppError } from '../base/errors.ts';
import { isSecretParameter, looksLikeJwt } from '../base/redaction.ts';
import { commandWords } from './commandWords.ts';
import type { ConnectionInput } from './connectionSettings.ts';
import { parseConnectionUrl } from './connectionUrl.ts';
import { decodeParameter, isCredentialHeader, replaceInBody, replaceJwts } from './credentials.ts';
import { type CurlOptions, readCurlOptions } from './curlOptions.ts';
import { destinationVariables, fieldValue, fillUrl, variablesIn } from './substitute.ts';

export interface CurlConnection {
  /** For settings and recent connections: holds no credential. */
  input: ConnectionInput;
  /** What `input.auth` sends; undefined where the command has no credential that can be a token. */
  token: string | undefined;
  /** Further credentials: `input` names them as `${secret:NAME}`. */
  secrets: { name: string; value: string }[];
  /** What had to be left out, in words that hold no value of the command. */
  notes: string[];
}

type Auth = NonNullable<ConnectionInput['auth']>;
interface Candidate {
  auth: Auth;
  token: string;
}

const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const visible = /^[\x21-\x7e]+$/;
/** The transport's own business, or of the connection that curl would have had. */
const left = new Set(
  'accept-encoding connection content-length expect keep-alive te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
);

export function looksLikeCurl(text: string): boolean {
  return /^\s*(?:[$>%]\s+)?curl(?:\.exe)?\s+\S/i.test(text);
}

/**
 * Reads a command as browsers and documentation have it. Throws AppError `curl.unreadable`, `curl.noUrl` or `url.*`;
 * none holds a credential of it.
 */
export function readCurlCommand(text: string): CurlConnection {
  const options = optionsOf(text);
  const [given] = options.urls;
  if (given === undefined) throw new AppError('curl.noUrl', {});
  if (options.urls.length > 1) options.notes.push('of several URLs the first is taken');
  return new Reading(options, given).result();
}

function optionsOf(text: string): CurlOptions {
  try {
    const { words, isCut } = commandWords(text.trim().replace(/^[$>%]\s+/, ''));
    const options = readCurlOptions(words.slice(1));
    if (isCut) options.notes.push('what comes behind the command is left out');
    return options;
  } catch (error) {
    // What it says may hold a piece of the command.
    throw new AppError('curl.unreadable', {}, { cause: error instanceof Error ? error.name : undefined });
  }
}

/** Goes through one command, putting credentials aside. */
class Reading {
  readonly #options: CurlOptions;
  readonly #secrets: { name: string; value: string }[] = [];
  readonly #headers = new Map<string, { name: string; value: string }>();
  #url: string;
  #prefix = 'pasted';
  #chosen: Candidate | undefined;
  #lastEventId: string | undefined;

  constructor(options: CurlOptions, given: string) {
    this.#options = options;
    const withScheme = /^(?:[a-z][a-z0-9+.-]*:\/\/|\$\{)/i.test(given) ? given : `http://${given}`;
    this.#url = withScheme.replace(/#.*$/s, '');
    this.#takeUserInfo();
    if (options.inQuery && options.data.length > 0) {
      this.#url += `${this.#url.includes('?') ? '&' : '?'}${options.data.join('&')}`;
    }
  }

  result(): CurlConnection {
    const options = this.#options;
    const [base = '', query] = splitOnce(this.#url, '?');
    const stand =
      destinationVariables(base).length > 0 ? undefined : parseConnectionUrl(fillUrl(base, () => 'x'));
    if (stand) this.#prefix = stand.host;
    this.#readHeaders();
    const path = replaceJwts(base, (value) => this.#aside('path', value));
    const url = query === undefined ? path : `${path}?${this.#readQuery(query)}`.replace(/\?$/, '');
    this.#readCookies();
    const body = options.inQuery || options.data.length === 0 ? undefined : this.#readBody();
    const method = options.method ?? (body === undefined ? undefined : 'POST');
    const headers = Object.fromEntries([...this.#headers.values()].map(({ name, value }) => [name, value]));
    const tls = this.#tls();
    return {
      input: {
        name: (stand ? `${stand.host}${stand.pathname === '/' ? '' : stand.pathname}` : path).slice(0, 100),
        url,
        ...(method === undefined || method.toUpperCase() === 'GET' ? {} : { method }),
        ...(Object.keys(headers).length === 0 ? {} : { headers }),
        ...(body === undefined ? {} : { body }),
        ...(this.#chosen ? { auth: this.#chosen.auth } : {}),
        ...(this.#lastEventId === undefined ? {} : { lastEventId: this.#lastEventId }),
        ...(tls ? { tls } : {}),
      },
      token: this.#chosen?.token,
      secrets: this.#secrets,
      notes: [...new Set(options.notes)],
    };
  }

  /** user:password in a URL is what -u says (RFC 7617). */
  #takeUserInfo(): void {
    const [, scheme, info] = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*)@/i.exec(this.#url) ?? [];
    if (scheme === undefined || info === undefined) return;
    this.#url = scheme + this.#url.slice(scheme.length + info.length + 1);
    this.#options.user ??= decodeParameter(info);
  }

  #readHeaders(): void {
    const { user, bearer, headers, notes } = this.#options;
    const given: [string, string | undefined][] = [...headers];
    if (bearer !== undefined) given.push(['Authorization', `Bearer ${bearer}`]);
    else if (user?.includes(':')) given.push(['Authorization', `Basic ${btoa(byteString(user))}`]);
    else if (user !== undefined) notes.push('-u without a password is left out');
    // The Authorization first: of several credentials it is the likeliest token.
    const isAuthorization = ([name]: [string, unknown]): number =>
      Number(name.toLowerCase() === 'authorization');
    for (const [name, value] of given.toSorted((a, b) => isAuthorization(b) - isAuthorization(a))) {
      if (value === undefined) continue;
      if (name.toLowerCase() === 'cookie') this.#options.cookies.push(value);
      else this.#readHeader(name, byteString(value));
    }
  }

  #readHeader(name: string, value: string): void {
    const key = name.toLowerCase();
    if (left.has(key) || name.startsWith(':')) return;
    if (!fieldName.test(name) || !fieldValue.test(value)) {
      this.#options.notes.push('a header that HTTP does not allow is left out');
    } else if (key === 'last-event-id') {
      this.#lastEventId = value;
    } else if (key === 'referer') {
      // It may be a URL with a token in its query; nobody needs more than where it came from.
      this.#addHeader(
        name,
        replaceJwts(value.replace(/[?#].*$/s, ''), () => ''),
      );
    } else if (variablesIn(value).length > 0 || value === '' || !isCredentialHeader(name, value)) {
      this.#addHeader(name, value);
    } else {
      const candidate = headerCandidate(name, value);
      if (candidate && !this.#chosen) this.#chosen = candidate;
      else this.#addHeader(name, this.#aside(name, value));
    }
  }

  #addHeader(name: string, value: string): void {
    const key = name.toLowerCase();
    const known = this.#headers.get(key);
    this.#headers.set(key, known ? { ...known, value: `${known.value}, ${value}` } : { name, value });
  }

  #readQuery(query: string): string {
    const parts: string[] = [];
    for (const part of query.split('&')) {
      const [rawName = '', rawValue = ''] = splitOnce(part, '=');
      const [name, value] = [decodeParameter(rawName), decodeParameter(rawValue)];
      if (value === '' || variablesIn(part).length > 0 || !(isSecretParameter(name) || looksLikeJwt(value))) {
        parts.push(replaceJwts(part, (found) => this.#aside(name, found)));
      } else if (!this.#chosen && fieldName.test(name) && visible.test(value)) {
        this.#chosen = { auth: { placement: 'query', name }, token: value };
      } else {
        parts.push(`${rawName}=${this.#aside(name, value)}`);
      }
    }
    return parts.join('&');
  }

  /** Every cookie may be a credential: one alone is the token, several go together. */
  #readCookies(): void {
    const cookies = this.#options.cookies
      .flatMap((value) => byteString(value).split(';'))
      .map((pair) => pair.trim())
      .filter((pair) => pair !== '' && fieldValue.test(pair));
    if (cookies.length === 0) return;
    const all = cookies.join('; ');
    const [name = '', value = ''] = splitOnce(all, '=');
    if (variablesIn(all).length > 0) this.#addHeader('Cookie', all);
    else if (cookies.length === 1 && !this.#chosen && fieldName.test(name) && visible.test(value)) {
      this.#chosen = { auth: { placement: 'cookie', name }, token: value };
    } else this.#addHeader('Cookie', this.#aside('cookie', all));
  }

  #readBody(): string {
    const { data, isJson } = this.#options;
    const body = data.join(isJson ? '' : '&');
    if (!this.#headers.has('content-type')) {
      this.#addHeader('Content-Type', isJson ? 'application/json' : 'application/x-www-form-urlencoded');
    }
    const type = this.#headers.get('content-type')?.value ?? '';
    // Escapes and all: so they fit where they came from.
    return replaceInBody(body, type, (name, value) =>
      variablesIn(value).length > 0 ? value : this.#aside(name, value),
    );
  }

  /** Puts a credential aside and returns what stands for it. */
  #aside(label: string, value: string): string {
    const wanted = `${this.#prefix}-${label}`
      .toLowerCase()
      .replace(/[^\w.-]+/g, '_')
      .slice(0, 150);
    let name = wanted;
    for (let i = 2; this.#secrets.some((secret) => secret.name === name && secret.value !== value); i++) {
      name = `${wanted}-${i}`;
    }
    if (!this.#secrets.some((secret) => secret.name === name)) this.#secrets.push({ name, value });
    return `\${secret:${name}}`;
  }

  #tls(): ConnectionInput['tls'] {
    const { tls, notes } = this.#options;
    const kept = Object.entries(tls).filter(([, path]) => /^(?:~?[/\\]|[A-Za-z]:[\\/])/.test(path));
    if (kept.length < Object.keys(tls).length) notes.push('certificates with a relative path are left out');
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
  }
}

function headerCandidate(name: string, value: string): Candidate | undefined {
  const [, scheme = '', token = ''] = /^(?:([!#$%&'*+.^_`|~\w-]+)\s+)?(\S+)$/.exec(value) ?? [];
  if (!visible.test(token)) return undefined;
  const isUsual = name.toLowerCase() === 'authorization';
  return {
    auth: {
      placement: 'header',
      ...(isUsual ? {} : { name }),
      ...(scheme === 'Bearer' ? {} : { scheme }),
    },
    token,
  };
}

/** A text as curl sends it: its UTF-8 bytes, one character each. */
function byteString(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
}

function splitOnce(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}
