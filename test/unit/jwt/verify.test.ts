import {
  base64url,
  CompactSign,
  createLocalJWKSet,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWK,
  jwtVerify,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { type DecodedJwt, decodeToken } from '../../../src/jwt/decode.ts';
import {
  algorithmsOf,
  publicKeyOf,
  type SignatureCheck,
  secretKeys,
  type VerificationKeys,
  verifySignature,
} from '../../../src/jwt/verify.ts';

const algorithms = ['RS256', 'RS512', 'PS256', 'PS384', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;
type Pair = { alg: string; privateKey: CryptoKey; jwk: JWK; pem: string };
const pairs = new Map<string, Pair>();
const now = Math.floor(Date.now() / 1000);
const secret = 'a secret of more than 32 characters';

beforeAll(async () => {
  for (const alg of algorithms) {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: `key of ${alg}` };
    pairs.set(alg, { alg, privateKey, jwk, pem: await exportSPKI(publicKey) });
  }
});

function pairOf(alg: string): Pair {
  const pair = pairs.get(alg);
  if (!pair) throw new Error(alg);
  return pair;
}

async function sign(alg: string, header: object = {}, claims: object = { exp: now + 600 }): Promise<string> {
  const { privateKey } = pairOf(alg);
  return new SignJWT({ sub: 'a', ...claims }).setProtectedHeader({ alg, ...header }).sign(privateKey);
}

function verify(raw: string, keys: VerificationKeys | JWK[]): Promise<SignatureCheck> {
  const given = Array.isArray(keys) ? { keys, from: 'the keys' } : keys;
  return verifySignature(raw, decodeToken(raw) as DecodedJwt, given);
}

describe('verifySignature', () => {
  it.each(algorithms)('takes what is signed with %s, and nothing that was changed', async (alg) => {
    const raw = await sign(alg);
    const { jwk, pem } = pairOf(alg);
    const fromPem = await publicKeyOf(pem);
    for (const key of [jwk, fromPem ?? {}]) expect((await verify(raw, [key])).result).toBe('valid');
    const [header = '', payload = '', signature = ''] = raw.split('.');
    const other = base64url.encode(JSON.stringify({ sub: 'b', exp: now + 600 }));
    expect(await verify(`${header}.${other}.${signature}`, [jwk])).toMatchObject({
      result: 'invalid',
      reason: 'the signature does not match',
    });
    const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    expect((await verify(`${header}.${payload}.${flipped}`, [jwk])).result).toBe('invalid');
  });

  it('agrees with jose about every token and key set', async () => {
    const all = [...pairs.values()];
    const sets = [all.map(({ jwk }) => jwk), ...all.map(({ jwk }) => [jwk]), []];
    const tokens: string[] = [];
    for (const { alg, jwk } of all) {
      tokens.push(await sign(alg, { kid: jwk.kid }), await sign(alg, { kid: 'unknown' }));
      // The id of another key, and of one of another kind.
      tokens.push(await sign(alg, { kid: pairOf(alg === 'ES256' ? 'RS256' : 'ES256').jwk.kid }));
      tokens.push(await sign(alg, { kid: jwk.kid }, { exp: now - 600 }));
      tokens.push(await sign(alg, { kid: jwk.kid, crit: ['b64'], b64: true }));
    }
    tokens.push(new UnsecuredJWT({ sub: 'a' }).encode());
    // HMAC with the text of a public key: the classic confusion.
    const confused = new TextEncoder().encode(pairOf('RS256').pem);
    tokens.push(await new SignJWT({ sub: 'a' }).setProtectedHeader({ alg: 'HS256' }).sign(confused));
    let valid = 0;
    for (const keys of sets) {
      const set = createLocalJWKSet({ keys });
      for (const raw of tokens) {
        // Whether its time has come is another question.
        const josesWord = await jwtVerify(raw, set, { currentDate: new Date(0) }).then(
          () => 'valid',
          () => 'not',
        );
        const { result } = await verify(raw, { keys, from: 'the set', byId: true });
        expect(result === 'valid' ? 'valid' : 'not', raw).toBe(josesWord);
        if (result === 'valid') valid += 1;
      }
    }
    expect(valid).toBe(algorithms.length * 3 * 2);
  });

  it('tells an expired token from one whose signature is wrong', async () => {
    const raw = await sign('ES256', {}, { exp: 1, nbf: now + 1e6 });
    expect((await verify(raw, [pairOf('ES256').jwk])).result).toBe('valid');
  });

  it('says which key there is not', async () => {
    const raw = await sign('RS256', { kid: 'gone' });
    const keys = { keys: [pairOf('RS256').jwk], from: 'the JWKS of issuer.example', byId: true };
    expect(await verify(raw, keys)).toEqual({
      result: 'unchecked',
      keyId: 'gone',
      reason: 'there is no key with the kid "gone" in the JWKS of issuer.example',
    });
    expect(await verify(await sign('RS256'), { ...keys, keys: [] })).toMatchObject({
      result: 'unchecked',
      reason: 'there is no key in the JWKS of issuer.example',
    });
  });

  it('names the key that it was', async () => {
    const keys = [...pairs.values()].map(({ jwk }) => jwk);
    const raw = await sign('PS256');
    expect(await verify(raw, { keys, from: 'the set', byId: true })).toEqual({
      result: 'valid',
      keyId: 'key of PS256',
    });
  });

  it('lets the key decide about algorithms', async () => {
    const raw = await sign('ES256');
    expect(await verify(raw, [pairOf('RS256').jwk])).toMatchObject({
      result: 'invalid',
      reason: expect.stringContaining('the token says ES256, but the key of the keys is for RS256, RS384'),
    });
    const bound = { ...pairOf('RS256').jwk, alg: 'RS512' };
    expect((await verify(await sign('RS256'), [bound])).result).toBe('invalid');
    const forEncryption = { ...pairOf('RS256').jwk, use: 'enc' };
    expect(await verify(await sign('RS256'), [forEncryption])).toMatchObject({
      result: 'invalid',
      reason: expect.stringContaining('is for no signatures'),
    });
    for (const key of [
      {},
      { kty: '__proto__' },
      { kty: 'EC', crv: 'constructor' },
      { kty: 'OKP', crv: 'X25519' },
    ])
      expect(algorithmsOf(key)).toEqual([]);
  });

  it('never takes "none", in whatever case, nor an algorithm it does not know', async () => {
    const [header, payload] = [{ alg: 'nOnE' }, { sub: 'a' }].map((part) =>
      base64url.encode(JSON.stringify(part)),
    );
    const keys = [pairOf('RS256').jwk, ...secretKeys(secret)];
    expect(await verify(`${header}.${payload}.`, keys)).toMatchObject({
      reason: expect.stringContaining('not signed'),
    });
    for (const alg of ['', 'ES256K', 'HS1', 'A128KW', 'PBES2-HS256+A128KW', 'toString']) {
      const odd = base64url.encode(JSON.stringify({ alg }));
      expect(await verify(`${odd}.${payload}.c2ln`, keys), alg).toMatchObject({ result: 'invalid' });
    }
    const empty = base64url.encode(JSON.stringify({ alg: 'RS256' }));
    expect(await verify(`${empty}.${payload}.`, keys)).toMatchObject({ reason: 'the signature is missing' });
  });

  it('refuses an extension that it does not know, as every verifier must', async () => {
    const raw = await new CompactSign(new TextEncoder().encode('{"sub":"a"}'))
      .setProtectedHeader({ alg: 'ES256', crit: ['mine'], mine: 1 })
      .sign(pairOf('ES256').privateKey, { crit: { mine: true } });
    expect(await verify(raw, [pairOf('ES256').jwk])).toMatchObject({
      result: 'invalid',
      reason: 'it names an extension in crit that is not known here',
    });
  });

  it('takes a shared secret as text and as base64, and says how long it is', async () => {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    for (const [key, given, bits] of [
      [new TextEncoder().encode(secret), secret, secret.length * 8],
      [bytes, Buffer.from(bytes).toString('base64'), 256],
      [bytes, base64url.encode(bytes), 256],
      [new TextEncoder().encode('short'), 'short', 40],
    ] as const) {
      for (const alg of ['HS256', 'HS384', 'HS512']) {
        const raw = await new SignJWT({ sub: 'a' }).setProtectedHeader({ alg }).sign(key);
        expect(await verify(raw, secretKeys(given))).toEqual({ result: 'valid', secretBits: bits });
        expect(await verify(raw, secretKeys(`${given}!`))).toMatchObject({ result: 'invalid' });
      }
    }
    expect(await verify(await sign('RS256'), secretKeys(secret))).toMatchObject({
      result: 'invalid',
      reason: expect.stringContaining('is for HS256, HS384, HS512'),
    });
  });

  it('says that an RSA key is too short, and that a broken one is of no use', async () => {
    const raw = await sign('RS256');
    const { jwk } = pairOf('RS256');
    const n = base64url.encode(base64url.decode(jwk.n ?? '').subarray(0, 128));
    expect(await verify(raw, [{ ...jwk, n }])).toMatchObject({
      result: 'unchecked',
      reason: 'the RSA key of the keys has less than 2048 bits',
    });
    for (const broken of [{ kty: 'RSA' }, { ...jwk, n: '!' }, { ...jwk, e: '' }])
      expect((await verify(raw, [broken])).result).not.toBe('valid');
    expect(await verify(raw, [{ kty: 'RSA' }])).toEqual({
      result: 'unchecked',
      reason: 'the key of the keys could not be used',
    });
    // One that is broken doesn't hide the one behind it.
    expect((await verify(raw, [{ kty: 'RSA' }, jwk])).result).toBe('valid');
  });
});

describe('publicKeyOf', () => {
  it('reads nothing from what is no public key', async () => {
    for (const pem of ['', 'abc', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'])
      expect(await publicKeyOf(pem)).toBeUndefined();
  });
});
