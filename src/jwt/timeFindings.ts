import { claimOf, isTimeClaim, secondsClaim, timeClaim } from './claims.ts';
import type { DecodedJwt, DecodedToken, JsonObject } from './decode.ts';
import type { Finding, TokenContext } from './finding.ts';
import { formatDuration, formatRelative } from './relativeTime.ts';

/** The longest life that is usual for an access token. */
const longLifetimeMs = 3_600_000;
/** Clocks that differ by less are as good as equal: Date has whole seconds, and the answer took its time. */
const noticedSkewMs = 30_000;
/** What servers usually grant beyond `exp`, and the time that closing takes. */
const graceMs = 60_000;

/** By the server's clock where it differs: it is the one that counts. */
export function timeFindings(
  { payload }: DecodedJwt,
  nowMs: number,
  { skewMs = 0 }: TokenContext,
): Finding[] {
  const skew = Math.abs(skewMs) < noticedSkewMs ? 0 : skewMs;
  const clock =
    skew === 0
      ? ''
      : ` That is by its clock, which is ${formatDuration(skew)} ${skew > 0 ? 'ahead' : 'behind'}.`;
  return [
    ...unreadableTimes(payload),
    ...validity(payload, nowMs + skew, clock),
    ...overLong(payload, nowMs + skew),
    ...missing(payload),
  ];
}

function unreadableTimes(payload: JsonObject): Finding[] {
  const found: Finding[] = [];
  for (const [name, value] of Object.entries(payload)) {
    if (!isTimeClaim(name)) continue;
    const time = timeClaim(name, value);
    if (time === undefined) {
      const title = `${name} is not a time`;
      const text = 'RFC 7519 wants seconds since 1970 as a number.';
      found.push({ code: 'notANumber', severity: 'error', title, text, claim: name, remedy: 'token' });
    } else if (time.inMilliseconds) {
      const title = `${name} is in milliseconds`;
      const text = 'RFC 7519 wants seconds, so a server reads a far future.';
      found.push({ code: 'inMilliseconds', severity: 'error', title, text, claim: name, remedy: 'token' });
    }
  }
  return found;
}

function validity(payload: JsonObject, now: number, clock: string): Finding[] {
  const found: Finding[] = [];
  const problem = { severity: 'error', remedy: 'token' } as const;
  const expiresAt = secondsClaim(payload, 'exp');
  if (expiresAt !== undefined && now >= expiresAt) {
    // RFC 7519 section 4.1.4: not accepted "on or after" this time.
    const when = now - expiresAt < 1000 ? 'just now' : formatRelative(expiresAt, now);
    const text = `A server refuses the token from its exp on.${clock}`;
    found.push({ ...problem, code: 'expired', title: `Expired ${when}`, text, claim: 'exp' });
  }
  const notBefore = secondsClaim(payload, 'nbf');
  if (notBefore !== undefined && now < notBefore) {
    const title = `Not valid yet: starts ${formatRelative(notBefore, now)}`;
    const text = `A server refuses the token before its nbf.${clock}`;
    found.push({ ...problem, code: 'notYetValid', title, text, claim: 'nbf' });
  }
  return found;
}

function overLong(payload: JsonObject, now: number): Finding[] {
  const lifetime = lifetimeOf(payload, now);
  if (lifetime === undefined || lifetime <= longLifetimeMs) return [];
  const title = `Lives ${formatDuration(lifetime)}`;
  const text = 'A token that leaks is good for as long. 15 to 60 minutes are usual.';
  return [{ code: 'overLong', severity: 'warning', title, text, claim: 'exp' }];
}

function missing(payload: JsonObject): Finding[] {
  const found: Finding[] = [];
  if (claimOf(payload, 'exp') === undefined) {
    const text = 'The token never expires by itself.';
    found.push({ code: 'missingExp', severity: 'warning', title: 'No exp', text, claim: 'exp' });
  }
  if (claimOf(payload, 'sub') === undefined) {
    const text = 'The token does not say whom it speaks for.';
    found.push({ code: 'missingSub', severity: 'warning', title: 'No sub', text, claim: 'sub' });
  }
  return found;
}

/** From its start, where the token tells one (else from `fallback`), to its end. */
export function lifetimeOf(payload: JsonObject, fallback?: number): number | undefined {
  const expiresAt = secondsClaim(payload, 'exp');
  const start = secondsClaim(payload, 'iat') ?? secondsClaim(payload, 'nbf') ?? fallback;
  return expiresAt === undefined || start === undefined ? undefined : expiresAt - start;
}

/** A stream that goes on after the end of the token it was let in with. */
export function outlivedByStream(
  token: DecodedToken | undefined,
  nowMs: number,
  { skewMs = 0 }: TokenContext,
): Finding[] {
  const expiresAt = token?.kind === 'jwt' ? secondsClaim(token.payload, 'exp') : undefined;
  const late = expiresAt === undefined ? 0 : nowMs + skewMs - expiresAt;
  if (late < graceMs) return [];
  const title = 'Stream outlives its token';
  const text = `It is still open ${formatDuration(late)} after the end of the token it was opened with: the server does not enforce exp.`;
  return [{ code: 'outlivedByStream', severity: 'warning', title, text, claim: 'exp' }];
}
