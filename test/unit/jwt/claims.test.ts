import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { factsOf, knownNames } from '../../../src/jwt/claimRegistry.ts';
import { describeClaim, secondsClaim, timeClaim, tokenTimes } from '../../../src/jwt/claims.ts';
import { decodeToken } from '../../../src/jwt/decode.ts';

describe('describeClaim', () => {
  it('has words for every registered claim of RFC 7519, and they differ', () => {
    const names = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'];
    const labels = names.map((name) => describeClaim(name, 'payload'));
    expect(new Set([...labels, ...names]).size).toBe(14);
    expect(describeClaim('exp', 'payload')).toBe('Expires');
    expect(describeClaim('iss', 'payload')).toBe('Issued by');
  });

  it('tells the header from the payload', () => {
    expect(describeClaim('alg', 'header')).toBe('Algorithm');
    expect(describeClaim('alg', 'payload')).toBe('alg');
    expect(describeClaim('typ', 'header')).not.toBe(describeClaim('typ', 'payload'));
  });

  it('gives unknown names back, those of every object included', () => {
    for (const name of ['https://example.com/claim', 'constructor', '__proto__', 'toString', '']) {
      expect(describeClaim(name, 'payload')).toBe(name);
    }
  });
});

describe('factsOf', () => {
  // RFC 7519 section 4.1: every claim that it registers.
  it.each([
    ['iss', '4.1.1'],
    ['sub', '4.1.2'],
    ['aud', '4.1.3'],
    ['exp', '4.1.4'],
    ['nbf', '4.1.5'],
    ['iat', '4.1.6'],
    ['jti', '4.1.7'],
  ])('explains %s by RFC 7519 section %s', (name, section) => {
    const facts = factsOf(name, 'payload');
    expect(facts?.reference).toEqual({
      text: `RFC 7519 section ${section}`,
      url: `https://www.rfc-editor.org/rfc/rfc7519#section-${section}`,
    });
    expect(facts?.label).not.toBe(name);
  });

  // RFC 7515 section 4.1, RFC 7516 section 4.1, RFC 7518 sections 4.6 to 4.8.
  it.each([
    ...['alg', 'jku', 'jwk', 'kid', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'typ', 'cty', 'crit', 'enc', 'zip'],
    ...['epk', 'apu', 'apv', 'iv', 'tag', 'p2s', 'p2c', 'b64'],
  ])('explains the header parameter %s by its RFC', (name) => {
    expect(factsOf(name, 'header')?.reference?.text).toMatch(/^RFC 75\d\d section|^RFC 7797 section/);
  });

  it.each(['header', 'payload'] as const)(
    'has a label, a sentence and a source of its own for all in the %s',
    (where) => {
      const unregistered = [
        'permissions',
        'scp',
        'tenant',
        'tid',
        'oid',
        'org_id',
        'appid',
        'idp',
        'ver',
        'typ',
      ];
      for (const name of knownNames(where)) {
        const facts = factsOf(name, where);
        expect(facts?.label, name).toMatch(/^[A-Z][^.]+$/);
        expect(facts?.meaning, name).toMatch(/^[A-Z][^.]+(?:\.[^.]+)*\.$/);
        if (where === 'payload' && unregistered.includes(name))
          expect(facts?.reference, name).toBeUndefined();
        else
          expect(facts?.reference?.url, name).toMatch(
            /^https:\/\/(?:www\.rfc-editor\.org\/rfc\/rfc\d{4}#section-[\d.]+|openid\.net\/specs\/)/,
          );
      }
    },
  );

  it('knows nothing of names that every object has', () => {
    for (const name of ['constructor', '__proto__', 'toString', ''])
      expect(factsOf(name, 'payload')).toBeUndefined();
  });
});

describe('timeClaim', () => {
  it('reads seconds, also fractional and negative ones', () => {
    expect(timeClaim('exp', 1_735_689_600)).toEqual({ epochMs: 1_735_689_600_000, inMilliseconds: false });
    expect(timeClaim('iat', 1_735_689_600.25)?.epochMs).toBe(1_735_689_600_250);
    expect(timeClaim('nbf', -1)?.epochMs).toBe(-1000);
  });

  it('takes what is too large for seconds for milliseconds', () => {
    expect(timeClaim('exp', 1e11)).toEqual({ epochMs: 1e14, inMilliseconds: false });
    expect(timeClaim('exp', 1_735_689_600_000)).toEqual({ epochMs: 1_735_689_600_000, inMilliseconds: true });
  });

  it.each([
    ['exp', '1735689600'],
    ['exp', null],
    ['exp', Number.NaN],
    ['exp', 1e300],
    ['sub', 1_735_689_600],
  ] as const)('reads no time from %s: %j', (name, value) => {
    expect(timeClaim(name, value)).toBeUndefined();
  });

  it('always gives a time that Date can show', () => {
    for (const value of [8.64e15, -8.64e15, 1e11, 0]) {
      expect(new Date(timeClaim('exp', value)?.epochMs ?? Number.NaN).getTime()).not.toBeNaN();
    }
  });
});

describe('secondsClaim', () => {
  it('reads as a verifier does: milliseconds are no time to it', () => {
    expect(secondsClaim({ exp: 5 }, 'exp')).toBe(5000);
    expect(secondsClaim({ exp: 1_735_689_600_000 }, 'exp')).toBeUndefined();
  });
});

describe('tokenTimes', () => {
  it('finds the moments of a JWT, and none in anything else', async () => {
    const key = new Uint8Array(32);
    const token = await new SignJWT({ exp: 30, iat: 10 }).setProtectedHeader({ alg: 'HS256' }).sign(key);
    expect(tokenTimes(decodeToken(token))).toEqual({
      expiresAt: 30_000,
      notBefore: undefined,
      issuedAt: 10_000,
    });
    expect(tokenTimes(decodeToken('opaque')).expiresAt).toBeUndefined();
    expect(tokenTimes(undefined).expiresAt).toBeUndefined();
  });
});
