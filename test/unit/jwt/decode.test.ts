import fc from 'fast-check';
import { CompactEncrypt, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { type DecodedJwt, decodeToken, maxTokenLength } from '../../../src/jwt/decode.ts';

const secret = new Uint8Array(32).fill(7);

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** A token with these texts as its parts, however wrong they are. */
function tokenOf(header: string, payload: string, signature = 'c2ln'): string {
  return `${encode(header)}.${encode(payload)}.${signature}`;
}

function decodeJwt(raw: string): DecodedJwt {
  const decoded = decodeToken(raw);
  if (decoded.kind !== 'jwt') throw new Error(`not a JWT: ${JSON.stringify(decoded)}`);
  return decoded;
}

describe('decodeToken', () => {
  it('reads header, claims and the length of the signature of tokens signed by jose', async () => {
    const claims = { sub: 'user123', aud: ['a', 'b'], exp: 1735689600.5, ключ: { nested: [1, null, false] } };
    const { privateKey } = await generateKeyPair('RS256');
    const hs = decodeJwt(
      await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(secret),
    );
    const rs = decodeJwt(await new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).sign(privateKey));
    expect(hs).toMatchObject({ header: { alg: 'HS256', kid: 'k1' }, payload: claims, algorithm: 'HS256' });
    expect([hs.signature.bytes, rs.signature.bytes]).toEqual([32, 256]);
  });

  it('reads an unsecured token, whose signature is empty', () => {
    const decoded = decodeJwt(new UnsecuredJWT({ sub: 'x' }).encode());
    expect(decoded).toMatchObject({ algorithm: 'none', signature: { bytes: 0 }, payload: { sub: 'x' } });
  });

  it('names an encrypted token and shows only its header', async () => {
    const jwe = await new CompactEncrypt(Buffer.from('{"sub":"hidden"}'))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'k' })
      .encrypt(secret);
    expect(decodeToken(jwe)).toEqual({
      kind: 'encrypted',
      header: { alg: 'dir', enc: 'A256GCM', kid: 'k' },
      algorithm: 'dir',
      encryption: 'A256GCM',
    });
  });

  it.each([
    ['', 'empty'],
    ['3f6c1c5e-session', 'no dots; a JWT has two'],
    ['a.b', 'one dot'],
    ['a.b.c.d', '3 dots'],
    ['a.b.c.d.e.f.g', 'more than four dots'],
    [' a.b.c', 'white space'],
    ['a. b.c', 'white space'],
    ['Bearer a.b.c', 'begins with "Bearer"'],
    ['"a.b.c"', 'in quotes'],
    ['..', 'header is empty'],
    ['!!.e30.', 'header is not base64url'],
    [`${encode('{}')}=.e30.`, 'header is not base64url'],
    [`${encode('{}')}.e30.%%%`, 'signature is not base64url'],
    [tokenOf('{"alg":', '{}'), 'header is not JSON'],
    [tokenOf('{}', 'null'), 'payload is JSON, but not an object'],
    [tokenOf('{}', '[1]'), 'payload is JSON, but not an object'],
    [tokenOf('{}', '"text"'), 'payload is JSON, but not an object'],
    [`${encode('{}')}.${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.`, 'payload is not UTF-8'],
    [`${encode('{"alg":"dir"}')}.a.b.c.d`, 'names no "enc"'],
  ])('calls %j opaque and says why', (raw, reason) => {
    const decoded = decodeToken(raw);
    expect(decoded).toMatchObject({ kind: 'opaque', length: raw.length });
    expect(decoded.kind === 'opaque' && decoded.reason).toContain(reason);
  });

  it('tells a JWT that was broken on its way from what never was one', () => {
    const good = tokenOf('{"alg":"HS256"}', '{}');
    for (const raw of [
      `Bearer ${good}`,
      `"${good}"`,
      ` ${good}`,
      good.slice(0, -6),
      `${good}.x`,
      good.slice(0, 10),
    ])
      expect(decodeToken(raw), raw).toMatchObject({ kind: 'opaque', malformed: true });
    for (const raw of ['', 'abc', 'v2.local.abc', 'a.b.c', '{"alg":"HS256"}'])
      expect(decodeToken(raw), raw).toMatchObject({ kind: 'opaque', malformed: false });
  });

  it('calls a megabyte of anything too long, whatever it begins with', () => {
    for (const raw of ['x'.repeat(2 ** 20), `eyJ${'.'.repeat(2 ** 20)}`, ' '.repeat(2 ** 20)])
      expect(decodeToken(raw)).toMatchObject({ kind: 'opaque', reason: expect.stringContaining('64 KiB') });
  });

  it('does not look into a token longer than 64 KiB', () => {
    const fits = tokenOf('{}', JSON.stringify({ pad: 'x'.repeat(40_000) }));
    expect(fits.length).toBeLessThan(maxTokenLength);
    expect(decodeToken(fits).kind).toBe('jwt');
    const long = tokenOf('{}', JSON.stringify({ pad: 'x'.repeat(50_000) }));
    expect(decodeToken(long)).toMatchObject({ kind: 'opaque', reason: expect.stringContaining('64 KiB') });
  });

  it('refuses nesting that would overflow the stack of whoever shows it', () => {
    const nested = (depth: number): string => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(decodeToken(tokenOf('{}', nested(60))).kind).toBe('jwt');
    expect(decodeToken(tokenOf('{}', nested(65))).kind).toBe('opaque');
    expect(decodeToken(tokenOf('{}', nested(20_000))).kind).toBe('opaque');
  });

  it('takes the last of a name that comes twice, and keeps __proto__ an ordinary name', () => {
    const { payload } = decodeJwt(tokenOf('{}', '{"sub":"a","sub":"b","__proto__":{"exp":1}}'));
    expect(payload.sub).toBe('b');
    expect(Object.getPrototypeOf(payload)).toBe(Object.prototype);
    expect(Object.hasOwn(payload, '__proto__')).toBe(true);
    expect(payload.exp).toBeUndefined();
    expect(({} as Record<string, unknown>).exp).toBeUndefined();
  });

  it('names what comes twice in one object, however it is escaped, and nothing else', () => {
    const twice = (header: string, payload = '{}') => decodeJwt(tokenOf(header, payload)).duplicateNames;
    expect(twice('{"alg":"HS256","alg":"none"}', '{"sub":"a","s\\u0075b":"b"}')).toEqual(['alg', 'sub']);
    expect(twice('{}', '{"a":{"x":[{"q\\"":1,"q\\"":2}]}}')).toEqual(['q"']);
    expect(twice('{"alg":"x"}', '{"alg":{"alg":["alg","alg",{"alg":"\\"alg\\":"}]},"b":"alg: "}')).toEqual(
      [],
    );
    expect(twice('{}', `{${'"a":1,"b":2,'.repeat(2)}"__proto__":1,"__proto__":2}`)).toEqual([
      'a',
      'b',
      '__proto__',
    ]);
    const many = Array.from({ length: 100 }, (_, i) => `"k${i}":1,"k${i}":2`);
    expect(twice('{}', `{${many.join(',')}}`)).toHaveLength(20);
  });

  it('keeps the digits of numbers that a double rounds, and only of those', () => {
    const json =
      '{"id":12345678901234567890,"ok":[1.0,1e3,0.1,-0,9007199254740991],"a/b":{"~":[1e400,1.00000000000000000001]}}';
    const { exactNumbers } = decodeJwt(tokenOf('{}', json));
    expect(Object.fromEntries(exactNumbers)).toEqual({
      '/payload/id': '12345678901234567890',
      '/payload/a~1b/~0/0': '1e400',
      '/payload/a~1b/~0/1': '1.00000000000000000001',
    });
  });

  it('never throws and always answers with one of its kinds, whatever it is given', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.base64String(),
      fc.json().map(encode),
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64url')),
    );
    const raw = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(part, { maxLength: 7 }).map((all) => all.join('.')),
    );
    fc.assert(
      fc.property(raw, (text) => {
        expect(['jwt', 'encrypted', 'opaque']).toContain(decodeToken(text).kind);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives back the claims jose signed, and never the signature', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), async (claims) => {
        // jose checks the types of the registered ones.
        for (const name of ['iss', 'sub', 'aud', 'jti', 'nbf', 'exp', 'iat', '__proto__'])
          delete claims[name];
        const raw = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(secret);
        const decoded = decodeJwt(raw);
        expect(decoded.payload).toEqual(JSON.parse(JSON.stringify(claims)));
        const kept = JSON.stringify(decoded, (_, value) => (value instanceof Map ? [...value] : value));
        expect(kept).not.toContain(raw.split('.')[2]);
        expect(kept).not.toContain(raw);
        // Broken in any place it is still not kept.
        const broken = decodeToken(`${raw}.${raw}`);
        expect(JSON.stringify(broken)).not.toContain(raw.split('.')[2]);
      }),
      { numRuns: 100 },
    );
  });
});
