import { type ClaimPlace, factsOf } from './claimRegistry.ts';
import type { DecodedToken, JsonObject, JsonValue } from './decode.ts';

/** A short label in words for a claim or header parameter ("Expires"); the name itself when it isn't known. */
export function describeClaim(name: string, where: ClaimPlace): string {
  return factsOf(name, where)?.label ?? name;
}

/** Claims that hold a NumericDate: RFC 7519 sections 4.1.4 to 4.1.6, OpenID Connect Core 2 and 5.1, RFC 8417 2.2. */
const timeNames: ReadonlySet<string> = new Set(['exp', 'nbf', 'iat', 'auth_time', 'updated_at', 'toe']);

/** Above this a NumericDate lies after the year 5138: nobody means that, they counted milliseconds. */
const largestSeconds = 1e11;
/** The range of Date, in milliseconds (ECMA-262 section 21.4.1.1). */
const largestEpochMs = 8.64e15;

export interface TimeClaim {
  /** The moment that was meant, in epoch milliseconds; fractions of a millisecond are cut. */
  epochMs: number;
  /** The number counts milliseconds where RFC 7519 section 2 asks for seconds: a verifier reads a far future. */
  inMilliseconds: boolean;
}

/** Whether a claim of this name holds a time. */
export function isTimeClaim(name: string): boolean {
  return timeNames.has(name);
}

/**
 * Reads a claim that holds a NumericDate (RFC 7519 section 2: seconds since the epoch, may be fractional).
 * @returns undefined for other claims and for values that aren't a number or are out of Date's range
 */
export function timeClaim(name: string, value: JsonValue | undefined): TimeClaim | undefined {
  if (!isTimeClaim(name) || typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  const inMilliseconds = Math.abs(value) > largestSeconds;
  const epochMs = Math.trunc(inMilliseconds ? value : value * 1000);
  if (Math.abs(epochMs) > largestEpochMs) return undefined;
  return { epochMs, inMilliseconds };
}

/** A claim of its own name or undefined: never something inherited, such as `constructor`. */
export function claimOf(payload: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(payload, name) ? payload[name] : undefined;
}

/** A claim that holds one text or several, as `aud` may (RFC 7519 section 4.1.3). */
export function textsOf(value: JsonValue | undefined): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

/**
 * A time claim as a verifier reads it, in epoch milliseconds: undefined where it is missing, no number, or
 * counts milliseconds, which a verifier takes for a far future.
 */
export function secondsClaim(payload: JsonObject, name: string): number | undefined {
  const time = timeClaim(name, claimOf(payload, name));
  return time === undefined || time.inMilliseconds ? undefined : time.epochMs;
}

/** The moments of a token's life in epoch milliseconds, as they were meant; a missing one is undefined. */
export interface TokenTimes {
  expiresAt: number | undefined;
  notBefore: number | undefined;
  issuedAt: number | undefined;
}

export function tokenTimes(token: DecodedToken | undefined): TokenTimes {
  const payload = token?.kind === 'jwt' ? token.payload : undefined;
  const at = (name: string): number | undefined =>
    payload === undefined ? undefined : timeClaim(name, claimOf(payload, name))?.epochMs;
  return { expiresAt: at('exp'), notBefore: at('nbf'), issuedAt: at('iat') };
}
