import { base64url, errors, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { topicHex } from './topicHex.ts';

export const sampleIssuer = 'sse-debugger-sample';
export const sampleAudience = 'sample';
const defaultTtlSeconds = 15 * 60;

export interface MintOptions {
  /** Subject; "sample-user" by default. */
  sub?: string | undefined;
  /** Seconds from now to `exp`, 900 by default; a negative number makes an expired token. */
  ttlSeconds?: number | undefined;
  /** Put over the others, `iss`, `aud` and `exp` included: that is how to make a token the server refuses. */
  claims?: Record<string, unknown> | undefined;
}

/** Why a request isn't let in, as RFC 6750 section 3.1 names it; no `error` when no token was sent at all. */
export interface TokenRefusal {
  error?: 'invalid_token';
  /** Printable ASCII without quotes and backslashes (RFC 6750 section 3); nothing of the token. */
  description: string;
}

/** `expiresAt`: epoch milliseconds. */
export type TokenCheck =
  | { ok: true; userId: string; expiresAt: number }
  | { ok: false; refusal: TokenRefusal };

/** Makes and checks the sample server's tokens: JWTs signed with HS256 and a secret that only it knows. */
export class SampleTokens {
  readonly #secret: Uint8Array;
  readonly #now: () => number;
  /** Seconds, where whoever mints says nothing else. */
  lifetime = defaultTtlSeconds;

  /** @param now epoch milliseconds */
  constructor(secret: Uint8Array, now: () => number) {
    this.#secret = secret;
    this.#now = now;
  }

  async mint({ sub = 'sample-user', ttlSeconds = this.lifetime, claims = {} }: MintOptions = {}): Promise<{
    token: string;
    payload: JWTPayload;
  }> {
    const issuedAt = Math.floor(this.#now() / 1000);
    const payload: JWTPayload = {
      iss: sampleIssuer,
      aud: sampleAudience,
      sub,
      iat: issuedAt,
      exp: issuedAt + ttlSeconds,
      // Two of the same second are two tokens: a refresh gets another one.
      jti: base64url.encode(randomBytes(9)),
      ...claims,
    };
    const token = await new SignJWT(payload)
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .sign(this.#secret);
    return { token, payload };
  }

  /**
   * Checks signature, `iss`, `aud`, `exp`, `nbf`, `sub`, and `topics`, where the token has that claim.
   * @param topic as 32 hex digits
   */
  async check(token: string, topic: string): Promise<TokenCheck> {
    try {
      const { payload } = await jwtVerify(token, this.#secret, {
        algorithms: ['HS256'],
        issuer: sampleIssuer,
        audience: sampleAudience,
        requiredClaims: ['sub', 'exp'],
        currentDate: new Date(this.#now()),
      });
      if (!mayRead(payload.topics, topic)) return refused('The token is not for this topic');
      return { ok: true, userId: String(payload.sub), expiresAt: (payload.exp ?? 0) * 1000 };
    } catch (error) {
      return refused(describe(error));
    }
  }
}

function refused(description: string): TokenCheck {
  return { ok: false, refusal: { error: 'invalid_token', description } };
}

/** A token without the claim `topics`, a list of names, is good for all of them. */
function mayRead(topics: unknown, topic: string): boolean {
  if (topics === undefined) return true;
  return Array.isArray(topics) && topics.some((name) => typeof name === 'string' && topicHex(name) === topic);
}

function describe(error: unknown): string {
  if (error instanceof errors.JWTExpired) return `The token expired at ${isoTime(error.payload.exp)}`;
  if (error instanceof errors.JWTClaimValidationFailed) {
    switch (error.claim) {
      case 'nbf':
        return `The token is not valid before ${isoTime(error.payload.nbf)}`;
      case 'aud':
        return `The audience must be ${sampleAudience}`;
      case 'iss':
        return `The issuer must be ${sampleIssuer}`;
      case 'sub':
      case 'exp':
      case 'iat':
        return error.reason === 'missing'
          ? `The claim ${error.claim} is missing`
          : `The claim ${error.claim} is invalid`;
      default:
        return 'A claim of the token is invalid';
    }
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'The signature does not match';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'The token must be signed with HS256';
  return 'The token is malformed';
}

function isoTime(seconds: unknown): string {
  const time = new Date(typeof seconds === 'number' ? seconds * 1000 : Number.NaN);
  return Number.isNaN(time.getTime()) ? 'an unknown time' : time.toISOString();
}

/** A random value for a path or a key, of `bytes` bytes. */
export function randomBytes(bytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes));
}
