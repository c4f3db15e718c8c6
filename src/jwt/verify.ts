// Whether a token's signature is that of a key. Time and claims are another question: see `findings`.
import {
  base64url,
  compactVerify,
  errors,
  exportJWK,
  importJWK,
  importSPKI,
  importX509,
  type JWK,
} from 'jose';
import { quoteAll } from '../base/quote.ts';
import { claimOf } from './claims.ts';
import type { DecodedJwt } from './decode.ts';

export type SignatureCheck =
  | { result: 'valid'; keyId?: string; secretBits?: number }
  /** Every server that has the keys refuses the token. `reason`: one sentence without its full stop. */
  | { result: 'invalid'; reason: string; keyId?: string }
  /** It can't be told. */
  | { result: 'unchecked'; reason: string; keyId?: string };

export interface VerificationKeys {
  keys: readonly JWK[];
  /** Where they are from, as part of a sentence: "the JWKS of issuer.example". */
  from: string;
  /** The token's kid picks the key. Otherwise there is but one key, whatever the token calls it. */
  byId?: boolean;
}

const hmac = ['HS256', 'HS384', 'HS512'];
const rsa = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const ec: Readonly<Record<string, string>> = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' };
const known = [...hmac, ...rsa, ...Object.values(ec), 'EdDSA', 'Ed25519'];

/** The algorithms that a key may be used with, by its kind and what it says of itself; never "none". */
export function algorithmsOf({ kty, crv = '', alg, use }: JWK): string[] {
  if (use !== undefined && use !== 'sig') return [];
  const byKind = {
    RSA: rsa,
    EC: Object.hasOwn(ec, crv) ? [ec[crv] ?? ''] : [],
    OKP: crv === 'Ed25519' ? ['EdDSA', 'Ed25519'] : [],
    oct: hmac,
  };
  const all: readonly string[] =
    kty !== undefined && Object.hasOwn(byKind, kty) ? byKind[kty as keyof typeof byKind] : [];
  return all.filter((each) => alg === undefined || alg === each);
}

/**
 * Checks the signature of a token in JWS compact serialization. The key decides which algorithms may be used: what
 * the token says only picks one of them (RFC 8725 section 3.1).
 * @param token `raw`, decoded
 */
export async function verifySignature(
  raw: string,
  { header, algorithm: alg, signature }: DecodedJwt,
  { keys, from, byId = false }: VerificationKeys,
): Promise<SignatureCheck> {
  const kid = claimOf(header, 'kid');
  const keyId = typeof kid === 'string' && kid !== '' ? { keyId: kid } : {};
  const invalid = (reason: string): SignatureCheck => ({ result: 'invalid', reason, ...keyId });
  const unchecked = (reason: string): SignatureCheck => ({ result: 'unchecked', reason, ...keyId });
  if (alg.toLowerCase() === 'none') return invalid('the token is not signed (alg "none")');
  if (!known.includes(alg))
    return invalid(`${quoteAll([alg])} is not an algorithm that signatures are checked with`);
  if (signature.bytes === 0) return invalid('the signature is missing');

  // Where the token names no key, each may be the one.
  const named = keys.filter((key) => !byId || !('keyId' in keyId) || key.kid === keyId.keyId);
  if (named.length === 0) {
    const reason =
      'keyId' in keyId
        ? `there is no key with the kid ${quoteAll([keyId.keyId])} in ${from}`
        : `there is no key in ${from}`;
    return unchecked(reason);
  }
  const fitting = named.filter((key) => algorithmsOf(key).includes(alg));
  if (fitting.length === 0) {
    const allowed = [...new Set(named.flatMap(algorithmsOf))];
    const keysAreFor = allowed.length === 0 ? 'no signatures' : allowed.join(', ');
    return invalid(`the token says ${alg}, but the key of ${from} is for ${keysAreFor}`);
  }
  let refusal: string | undefined;
  let problem = '';
  for (const key of fitting) {
    try {
      await compactVerify(raw, await importJWK(key, alg), { algorithms: [alg] });
      const used = key.kid ?? ('keyId' in keyId ? keyId.keyId : undefined);
      return { result: 'valid', ...(used === undefined ? {} : { keyId: used }), ...secretBitsOf(key) };
    } catch (error) {
      refusal = refusalOf(error) ?? refusal;
      problem = keyProblem(error, from);
    }
  }
  return refusal === undefined ? unchecked(problem) : invalid(refusal);
}

/** What is wrong with the token; undefined where it is the key. */
function refusalOf(error: unknown): string | undefined {
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'the signature does not match';
  if (error instanceof errors.JOSENotSupported && error.message.startsWith('Extension'))
    return 'it names an extension in crit that is not known here';
  return error instanceof errors.JWSInvalid ? 'it is not a JWS as RFC 7515 has it' : undefined;
}

/** WebCrypto's and jose's own words are about their arguments. */
function keyProblem(error: unknown, from: string): string {
  return error instanceof TypeError && error.message.includes('2048')
    ? `the RSA key of ${from} has less than 2048 bits`
    : `the key of ${from} could not be used`;
}

function secretBitsOf({ kty, k }: JWK): { secretBits?: number } {
  return kty === 'oct' && k !== undefined ? { secretBits: base64url.decode(k).length * 8 } : {};
}

/** A shared secret as keys: its characters, and what they mean in base64, in which many are handed out. */
export function secretKeys(secret: string): JWK[] {
  const asText = new TextEncoder().encode(secret);
  const asBytes = bytesOf(secret);
  return [asText, ...(asBytes ? [asBytes] : [])].map((bytes) => ({ kty: 'oct', k: base64url.encode(bytes) }));
}

function bytesOf(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/_-]{22,}={0,2}$/.test(text)) return undefined;
  try {
    return base64url.decode(text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''));
  } catch {
    return undefined;
  }
}

const pemAlgorithms = ['RS256', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** The public key in a PEM text (SPKI or a certificate); undefined where there is none that signatures are checked with. */
export async function publicKeyOf(pem: string): Promise<JWK | undefined> {
  const read = pem.includes('-----BEGIN CERTIFICATE-----') ? importX509 : importSPKI;
  // The text says of what kind the key is, jose wants to be told.
  for (const alg of pemAlgorithms) {
    try {
      return await exportJWK(await read(pem.trim(), alg, { extractable: true }));
    } catch {
      // Of another kind.
    }
  }
  return undefined;
}
