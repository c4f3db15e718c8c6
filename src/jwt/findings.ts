import { claimOf, isTimeClaim, secondsClaim, timeClaim } from './claims.ts';
import type { DecodedJwt, DecodedToken, JsonObject } from './decode.ts';
import { isLoopbackHost } from './loopbackHost.ts';
import { formatDuration, formatRelative } from './relativeTime.ts';

export type FindingSeverity = 'error' | 'warning' | 'info';

export type FindingCode =
  | 'expired'
  | 'notYetValid'
  | 'algNone'
  | 'missingExp'
  | 'missingSub'
  | 'overLong'
  | 'inMilliseconds'
  | 'notANumber'
  | 'tokenInUrl'
  | 'plainHttp'
  | 'encrypted'
  | 'opaque';

/** Something worth knowing about a token or the way it travels. */
export interface Finding {
  code: FindingCode;
  severity: FindingSeverity;
  /** One or two sentences with the reason; no credential in them. */
  text: string;
  /** The claim or header parameter it is about. */
  claim?: string;
}

/** How the token is sent. */
export interface TokenUse {
  /** The connection's URL; one that doesn't parse yields no findings. */
  url?: string;
  /** `header`, `query`, `cookie` or `none`. */
  placement?: string;
}

const longLifetimeMs = 24 * 3_600_000;
/** The longest life that is fit for a URL, which logs keep. */
const urlLifetimeMs = 300_000;

/**
 * What is wrong, or worth a look, with a token: errors first, then warnings, then information.
 * @param nowMs epoch milliseconds
 */
export function tokenFindings(token: DecodedToken, nowMs: number, use: TokenUse = {}): Finding[] {
  const found = [...contentFindings(token, nowMs), ...travelFindings(token, use)];
  const order: Record<FindingSeverity, number> = { error: 0, warning: 1, info: 2 };
  return found.sort((a, b) => order[a.severity] - order[b.severity]);
}

function contentFindings(token: DecodedToken, nowMs: number): Finding[] {
  if (token.kind === 'opaque') {
    return [
      { code: 'opaque', severity: 'info', text: `Not a JWT: nothing can be read from it. ${token.reason}` },
    ];
  }
  if (token.kind === 'encrypted') {
    const text = 'The token is encrypted (JWE): only its header can be read without the key.';
    return [{ code: 'encrypted', severity: 'info', text }];
  }
  return [...algorithmFindings(token), ...timeFindings(token, nowMs), ...missingFindings(token)];
}

function algorithmFindings(token: DecodedJwt): Finding[] {
  // RFC 7518 section 3.6 spells it "none"; some libraries have accepted any case.
  if (token.algorithm.toLowerCase() === 'none') {
    const text = 'The token is not signed (alg "none"): anyone can write one like it.';
    return [{ code: 'algNone', severity: 'error', text, claim: 'alg' }];
  }
  return [];
}

function missingFindings({ payload }: DecodedJwt): Finding[] {
  const found: Finding[] = [];
  if (claimOf(payload, 'exp') === undefined) {
    const text = 'The token has no exp: it never expires by itself.';
    found.push({ code: 'missingExp', severity: 'warning', text, claim: 'exp' });
  }
  if (claimOf(payload, 'sub') === undefined) {
    const text = 'The token has no sub: it does not say whom it speaks for.';
    found.push({ code: 'missingSub', severity: 'warning', text, claim: 'sub' });
  }
  return found;
}

function timeFindings({ payload }: DecodedJwt, nowMs: number): Finding[] {
  const found: Finding[] = [];
  for (const [name, value] of Object.entries(payload)) {
    if (!isTimeClaim(name)) continue;
    const time = timeClaim(name, value);
    if (time === undefined) {
      const text = `${name} is not a time: RFC 7519 wants seconds since 1970 as a number.`;
      found.push({ code: 'notANumber', severity: 'error', text, claim: name });
    } else if (time.inMilliseconds) {
      const text = `${name} counts milliseconds; RFC 7519 wants seconds, so a server reads a far future.`;
      found.push({ code: 'inMilliseconds', severity: 'error', text, claim: name });
    }
  }

  const expiresAt = secondsClaim(payload, 'exp');
  if (expiresAt !== undefined && nowMs >= expiresAt) {
    // RFC 7519 section 4.1.4: not accepted "on or after" this time.
    const when = nowMs - expiresAt < 1000 ? 'just now' : formatRelative(expiresAt, nowMs);
    found.push({ code: 'expired', severity: 'error', text: `The token expired ${when}.`, claim: 'exp' });
  }
  const notBefore = secondsClaim(payload, 'nbf');
  if (notBefore !== undefined && nowMs < notBefore) {
    const text = `The token is not valid yet: it starts ${formatRelative(notBefore, nowMs)}.`;
    found.push({ code: 'notYetValid', severity: 'error', text, claim: 'nbf' });
  }
  const lifetime = lifetimeOf(payload, nowMs);
  if (lifetime !== undefined && lifetime > longLifetimeMs) {
    const text = `The token lives ${formatDuration(lifetime)}; one that leaks is good for as long. A day is plenty.`;
    found.push({ code: 'overLong', severity: 'warning', text, claim: 'exp' });
  }
  return found;
}

/** From its start, where the token tells one (else from `fallback`), to its end. */
function lifetimeOf(payload: JsonObject, fallback?: number): number | undefined {
  const expiresAt = secondsClaim(payload, 'exp');
  const start = secondsClaim(payload, 'iat') ?? secondsClaim(payload, 'nbf') ?? fallback;
  return expiresAt === undefined || start === undefined ? undefined : expiresAt - start;
}

/** Names under which a token is usually put into a URL. */
const urlParameter = /^(?:(?:access|id|auth|bearer)[-_]?)?token$|^jwt$/i;

function isInQuery(url: URL | null): boolean {
  const parameters = url === null ? [] : [...url.searchParams];
  return parameters.some(
    ([name, value]) => value !== '' && (urlParameter.test(name) || value.startsWith('eyJ')),
  );
}

function travelFindings(token: DecodedToken, { url, placement }: TokenUse): Finding[] {
  if (placement === 'none') return [];
  const found: Finding[] = [];
  const parsed = url === undefined ? null : URL.parse(url);
  if (placement === 'query' || isInQuery(parsed)) {
    const lifetime = token.kind === 'jwt' ? lifetimeOf(token.payload) : undefined;
    const isShort = lifetime !== undefined && lifetime <= urlLifetimeMs;
    found.push({
      code: 'tokenInUrl',
      severity: isShort ? 'info' : 'warning',
      text: isShort
        ? 'The token is part of the URL, which logs keep; it lives at most 5 minutes, which limits that.'
        : 'The token is part of the URL, which servers and proxies log: use one that lives 60 to 300 s.',
    });
  }
  if (parsed?.protocol === 'http:' && !isLoopbackHost(parsed.hostname)) {
    const text =
      'The token goes over plain http to another machine: anyone on the way can read it. Use https.';
    found.push({ code: 'plainHttp', severity: 'error', text });
  }
  return found;
}
