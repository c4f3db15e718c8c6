import { quote, quoteAll } from '../base/quote.ts';
import { claimOf, secondsClaim, textsOf } from '../jwt/claims.ts';
import type { DecodedJwt, DecodedToken } from '../jwt/decode.ts';
import { formatDuration } from '../jwt/relativeTime.ts';
import { type Challenge, parseChallenges } from './challenge.ts';

/** What is known about a request that was answered with 401. */
export interface UnauthorizedRequest {
  /** The token that was sent; undefined when none was. */
  token: DecodedToken | undefined;
  /** When the request was sent: epoch milliseconds of this machine's clock. */
  requestedAt: number;
  /** The values of the answer's WWW-Authenticate headers, in order. */
  challenge: readonly string[];
  /** The answer's Date header in epoch milliseconds (RFC 9110 section 6.6.1), where it had one. */
  serverDate?: number;
}

/** Clocks that differ by less are as good as equal: Date has whole seconds, and the answer took its time. */
const skewMs = 30_000;

/**
 * The one sentence that most likely says why a token was refused: what the token itself shows comes first
 * (expired, not yet valid, wrong audience), then what the server says (RFC 6750 section 3), then a clock that is
 * off. Holds no credential as long as the server echoed none but JWTs, which are cut out.
 */
export function explainUnauthorized({
  token,
  requestedAt,
  challenge,
  serverDate,
}: UnauthorizedRequest): string {
  const challenges = parseChallenges(challenge);
  const server = preferred(challenges);
  const says = server === undefined ? undefined : serverSays(server);
  if (token === undefined) return explainMissing(challenges, says);

  const skew = serverDate === undefined ? 0 : serverDate - requestedAt;
  const isSkewed = Math.abs(skew) > skewMs;
  if (token.kind === 'jwt') {
    const late = explainTimes(token, requestedAt, isSkewed ? skew : 0);
    // What the server says counts beside it, unless that is the same.
    if (late !== undefined) return says === undefined || isAboutTime(says) ? late : `${late} ${says}`;
    const why = explainClaims(token, server);
    if (why !== undefined) return why;
  }
  if (says !== undefined) return says;

  const schemes = challenges.map(({ scheme }) => scheme.toLowerCase()).filter((scheme) => scheme !== '');
  const first = challenges[0];
  if (first !== undefined && schemes.length > 0 && !schemes.includes('bearer')) {
    return `The server asks for ${quote(first.scheme)} authentication, not for a Bearer token.`;
  }
  if (isSkewed) return `Clock skew: ${describeSkew(skew)}.`;
  const realm = realmText(server);
  if (token.kind === 'opaque') {
    return `The server refused the token${realm} and gave no reason; nothing can be read from the token, which is not a JWT.`;
  }
  if (token.kind === 'encrypted') {
    return `The server refused the token${realm} and gave no reason; the token is encrypted, so it shows none either.`;
  }
  const expiresAt = secondsClaim(token.payload, 'exp');
  const valid =
    expiresAt === undefined
      ? ''
      : ` The token was valid for another ${formatDuration(expiresAt - requestedAt)}.`;
  return `The server refused the token${realm} and gave no reason.${valid}`;
}

function explainMissing(challenges: readonly Challenge[], says: string | undefined): string {
  if (says !== undefined) return `No token was sent. ${says}`;
  const asked = challenges.find((entry) => entry.scheme !== '');
  return asked === undefined
    ? 'No token was sent.'
    : `No token was sent; the server asks for ${quote(asked.scheme)} authentication${realmText(asked)}.`;
}

/** What the server calls that which it guards (RFC 9110 section 11.5). */
function realmText(challenge: Challenge | undefined): string {
  const realm = challenge?.params.get('realm')?.trim() ?? '';
  return realm === '' ? '' : ` for ${quoteAll([realm])}`;
}

/** Whether the server's words only say again that the token is out of its time. */
function isAboutTime(text: string): boolean {
  return /expir|not (?:yet )?(?:valid|active)|before|\b(?:exp|nbf|iat)\b|"invalid_token"/i.test(text);
}

function explainTimes(token: DecodedJwt, requestedAt: number, skew: number): string | undefined {
  // RFC 7519 section 4.1.4: not accepted "on or after" exp; section 4.1.5: not accepted before nbf.
  const expiresAt = secondsClaim(token.payload, 'exp');
  if (expiresAt !== undefined) {
    if (requestedAt >= expiresAt) {
      const late = requestedAt - expiresAt;
      return late === 0
        ? 'The token expired at the moment of the request.'
        : `The token expired ${formatDuration(late)} before the request.`;
    }
    if (requestedAt + skew >= expiresAt) {
      const late = formatDuration(requestedAt + skew - expiresAt);
      return `Clock skew: ${describeSkew(skew)}; by its clock the token had expired ${late} before the request.`;
    }
  }
  const notBefore = secondsClaim(token.payload, 'nbf');
  if (notBefore !== undefined) {
    if (requestedAt < notBefore) {
      return `The token is not valid before ${timeOfDay(notBefore, requestedAt)}, ${formatDuration(notBefore - requestedAt)} after the request.`;
    }
    if (requestedAt + skew < notBefore) {
      return `Clock skew: ${describeSkew(skew)}; by its clock the token is not valid for another ${formatDuration(notBefore - requestedAt - skew)}.`;
    }
  }
  const issuedAt = secondsClaim(token.payload, 'iat');
  if (issuedAt !== undefined && requestedAt + skew < issuedAt - skewMs) {
    const early = formatDuration(issuedAt - requestedAt - skew);
    return skew === 0
      ? `The token was issued ${early} after the request: the clock of its issuer, or of this machine, is wrong.`
      : `Clock skew: ${describeSkew(skew)}; by its clock the token is issued ${early} in the future.`;
  }
  return undefined;
}

function explainClaims(token: DecodedJwt, server: Challenge | undefined): string | undefined {
  if (server === undefined) return undefined;
  const has = textsOf(claimOf(token.payload, 'aud'));
  const hasText = has.length === 0 ? 'The token has no aud' : `The token's aud is ${quoteAll(has)}`;
  const wanted = audienceIn(server);
  if (wanted !== undefined && !has.includes(wanted)) {
    return `${hasText}; the server asks for ${quoteAll([wanted])}.`;
  }
  const description = server.params.get('error_description') ?? '';
  if (/\baud(?:ience)?s?\b/i.test(description)) return `${hasText}. ${says(description)}`;

  // RFC 6750 section 3: the scope that is needed.
  const scope = server.params.get('scope')?.trim() ?? '';
  if (scope === '') return undefined;
  const granted = [...textsOf(claimOf(token.payload, 'scope')), ...textsOf(claimOf(token.payload, 'scp'))];
  const names = new Set(granted.flatMap((text) => text.split(' ')));
  const isShort =
    server.params.get('error') === 'insufficient_scope' || (description === '' && names.size > 0);
  const isLacking = scope.split(/\s+/).some((name) => !names.has(name));
  if (!isShort || !isLacking) return undefined;
  const grantedText = granted.length === 0 ? 'the token has none' : `the token has ${quoteAll(granted)}`;
  return `The server asks for the scope ${quoteAll([scope])}; ${grantedText}.`;
}

/** The audience that the server wants, where its challenge names one. @param challenge as in UnauthorizedRequest */
export function askedAudience(challenge: readonly string[]): string | undefined {
  const server = preferred(parseChallenges(challenge));
  return server && audienceIn(server);
}

function audienceIn({ params }: Challenge): string | undefined {
  // No RFC has the server name the audience it wants; these are the names in use.
  return ['audience', 'aud', 'resource_id', 'resource', 'service']
    .map((name) => params.get(name))
    .find((value) => value !== undefined && value !== '');
}

/** The challenge that says most: a Bearer-like one with a description, then one with an error code. */
function preferred(challenges: readonly Challenge[]): Challenge | undefined {
  return (
    challenges.find(({ params }) => (params.get('error_description') ?? '') !== '') ??
    challenges.find(({ params }) => (params.get('error') ?? '') !== '') ??
    challenges.find(({ scheme }) => scheme.toLowerCase() === 'bearer') ??
    challenges[0]
  );
}

/** RFC 6750 section 3.1: the error code and the description for the developer. */
function serverSays({ params }: Challenge): string | undefined {
  const description = params.get('error_description')?.trim() ?? '';
  if (description !== '') return says(description);
  const code = params.get('error')?.trim() ?? '';
  if (code === '') return undefined;
  return `The server says ${quoteAll([code])} and gives no further reason.`;
}

function says(description: string): string {
  const text = quote(description);
  return `The server says: ${text}${/[.!?…]$/.test(text) ? '' : '.'}`;
}

function describeSkew(skew: number): string {
  return `the server's clock is ${formatDuration(skew)} ${skew > 0 ? 'ahead of' : 'behind'} this machine's`;
}

/** "14:02:11 UTC" on the day of the request, otherwise with its date. */
function timeOfDay(epochMs: number, requestedAt: number): string {
  const text = new Date(epochMs).toISOString();
  const isSameDay = text.slice(0, 10) === new Date(requestedAt).toISOString().slice(0, 10);
  return isSameDay ? `${text.slice(11, 19)} UTC` : `${text.slice(0, 10)} ${text.slice(11, 19)} UTC`;
}
