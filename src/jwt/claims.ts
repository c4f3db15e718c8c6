import type { DecodedToken, JsonObject, JsonValue } from './decode.ts';

export type ClaimPlace = 'header' | 'payload';

/** Claims of the payload. The registered ones are RFC 7519 section 4.1.1 to 4.1.7, in that order. */
const payloadLabels: Readonly<Record<string, string>> = {
  iss: 'Issued by',
  sub: 'Subject',
  aud: 'Audience',
  exp: 'Expires',
  nbf: 'Not valid before',
  iat: 'Issued at',
  jti: 'Token ID',
  // RFC 8693 section 4: token exchange.
  act: 'Acting party',
  may_act: 'May be acted for by',
  scope: 'Scope',
  client_id: 'Client',
  // What Entra ID and Okta call the scope.
  scp: 'Scope',
  // RFC 7800 section 3.1.
  cnf: 'Bound to key',
  // OpenID Connect Core sections 2 and 5.1.
  azp: 'Authorized party',
  nonce: 'Nonce',
  auth_time: 'Signed in at',
  acr: 'Authentication level',
  amr: 'Authenticated by',
  at_hash: 'Access token hash',
  c_hash: 'Code hash',
  name: 'Name',
  given_name: 'Given name',
  family_name: 'Family name',
  preferred_username: 'User name',
  email: 'E-mail',
  email_verified: 'E-mail verified',
  phone_number: 'Phone',
  picture: 'Picture',
  locale: 'Locale',
  zoneinfo: 'Time zone',
  updated_at: 'Profile updated at',
  // OpenID Connect Front-Channel Logout section 3.
  sid: 'Session ID',
  // RFC 9068 section 2.2.3.1, after RFC 7643.
  roles: 'Roles',
  groups: 'Groups',
  entitlements: 'Entitlements',
  // In wide use, registered nowhere.
  permissions: 'Permissions',
  tenant: 'Tenant',
  tid: 'Tenant',
  oid: 'Object ID',
  org_id: 'Organization',
  appid: 'Application',
  idp: 'Identity provider',
  ver: 'Version',
  typ: 'Kind of token',
};

/** Header parameters: RFC 7515 section 4.1, RFC 7516 section 4.1, RFC 7519 section 5. */
const headerLabels: Readonly<Record<string, string>> = {
  alg: 'Algorithm',
  enc: 'Content encryption',
  zip: 'Compression',
  typ: 'Type',
  cty: 'Content type',
  kid: 'Key ID',
  jku: 'Key set URL',
  jwk: 'Public key',
  x5u: 'Certificate URL',
  x5c: 'Certificate chain',
  x5t: 'Certificate thumbprint (SHA-1)',
  'x5t#S256': 'Certificate thumbprint (SHA-256)',
  crit: 'Must be understood',
  b64: 'Payload in base64url',
  epk: 'Ephemeral key',
  apu: 'Producer',
  apv: 'Recipient',
};

/** A short label in words for a claim or header parameter ("Expires"); the name itself when it isn't known. */
export function describeClaim(name: string, where: ClaimPlace): string {
  const labels = where === 'header' ? headerLabels : payloadLabels;
  return Object.hasOwn(labels, name) ? (labels[name] ?? name) : name;
}

/** Claims that hold a NumericDate: RFC 7519 sections 4.1.4 to 4.1.6, OpenID Connect Core sections 2 and 5.1. */
const timeNames: ReadonlySet<string> = new Set(['exp', 'nbf', 'iat', 'auth_time', 'updated_at']);

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
