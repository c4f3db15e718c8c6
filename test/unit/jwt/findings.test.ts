import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { decodeToken } from '../../../src/jwt/decode.ts';
import { type Finding, type TokenUse, tokenFindings } from '../../../src/jwt/findings.ts';

const now = 1_700_000_000_000;
const nowSeconds = now / 1000;
const good = { sub: 'user123', iat: nowSeconds - 60, exp: nowSeconds + 840 };

async function findingsOf(claims: Record<string, unknown>, use?: TokenUse): Promise<Finding[]> {
  const raw = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new Uint8Array(32));
  return tokenFindings(decodeToken(raw), now, use);
}

function codes(findings: readonly Finding[]): string[] {
  return findings.map(({ code }) => code);
}

describe('tokenFindings', () => {
  it('finds nothing wrong with a fresh, short-lived token over https', async () => {
    expect(await findingsOf(good, { url: 'https://api.example.com/events', placement: 'header' })).toEqual(
      [],
    );
  });

  it('says since when a token is expired, from the very moment of exp', async () => {
    expect(codes(await findingsOf({ ...good, exp: nowSeconds + 1 }))).toEqual([]);
    const atExp = await findingsOf({ ...good, exp: nowSeconds });
    expect(atExp).toMatchObject([
      { code: 'expired', severity: 'error', claim: 'exp', text: 'The token expired just now.' },
    ]);
    const later = await findingsOf({ ...good, exp: nowSeconds - 130 });
    expect(later[0]?.text).toBe('The token expired 2 m 10 s ago.');
  });

  it('says when a token starts to be valid', async () => {
    const [finding] = await findingsOf({ ...good, nbf: nowSeconds + 90 });
    expect(finding).toMatchObject({ code: 'notYetValid', severity: 'error', claim: 'nbf' });
    expect(finding?.text).toContain('in 1 m 30 s');
    expect(await findingsOf({ ...good, nbf: nowSeconds })).toEqual([]);
  });

  it('warns of a token that is not signed, also where "none" is written in another case', () => {
    const unsecured = new UnsecuredJWT(good).encode();
    expect(codes(tokenFindings(decodeToken(unsecured), now))).toEqual(['algNone']);
    const header = Buffer.from('{"alg":"nOnE"}').toString('base64url');
    const odd = `${header}.${unsecured.split('.')[1]}.`;
    expect(codes(tokenFindings(decodeToken(odd), now))).toEqual(['algNone']);
  });

  it('misses sub and exp', async () => {
    expect(codes(await findingsOf({ iat: nowSeconds }))).toEqual(['missingExp', 'missingSub']);
  });

  it('finds a life of more than a day over-long, counted from iat, else nbf, else now', async () => {
    const day = 86_400;
    expect(codes(await findingsOf({ sub: 'a', iat: nowSeconds, exp: nowSeconds + day }))).toEqual([]);
    expect(codes(await findingsOf({ sub: 'a', iat: nowSeconds - 5, exp: nowSeconds + day }))).toEqual([
      'overLong',
    ]);
    expect(codes(await findingsOf({ sub: 'a', nbf: nowSeconds - 5, exp: nowSeconds + day }))).toEqual([
      'overLong',
    ]);
    expect(codes(await findingsOf({ sub: 'a', exp: nowSeconds + 2 * day }))).toEqual(['overLong']);
  });

  it('finds exp in milliseconds, and then neither an end nor a lifetime', async () => {
    const findings = await findingsOf({ sub: 'a', iat: nowSeconds, exp: now - 5000 });
    expect(findings).toMatchObject([{ code: 'inMilliseconds', severity: 'error', claim: 'exp' }]);
  });

  it('finds a time that is text', () => {
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const raw = `${part({ alg: 'HS256' })}.${part({ sub: 'a', exp: String(nowSeconds + 60) })}.c2ln`;
    expect(tokenFindings(decodeToken(raw), now)).toMatchObject([{ code: 'notANumber', claim: 'exp' }]);
  });

  it('finds a token in the URL, and is milder where it lives five minutes at most', async () => {
    expect(await findingsOf(good, { placement: 'query' })).toMatchObject([
      { code: 'tokenInUrl', severity: 'warning' },
    ]);
    const short = { sub: 'a', iat: nowSeconds, exp: nowSeconds + 300 };
    expect(await findingsOf(short, { placement: 'query' })).toMatchObject([
      { code: 'tokenInUrl', severity: 'info' },
    ]);
    const pasted = await findingsOf(good, {
      url: 'https://example.com/events?access_token=abc',
      placement: 'header',
    });
    expect(codes(pasted)).toEqual(['tokenInUrl']);
    expect(
      await findingsOf(good, { url: 'https://example.com/events?topic=a', placement: 'header' }),
    ).toEqual([]);
  });

  it.each([
    ['http://api.example.com/events', ['plainHttp']],
    ['http://10.0.0.5:8080/', ['plainHttp']],
    ['http://localhost.example.com/', ['plainHttp']],
    ['http://127.0.0.1.example.com/', ['plainHttp']],
    ['https://api.example.com/', []],
    ['http://localhost:3000/', []],
    ['http://app.localhost/', []],
    ['http://127.8.9.10/', []],
    ['http://0x7f.1/', []],
    ['http://[::1]:8080/', []],
    ['no url at all', []],
  ])('judges a token sent to %s', async (url, expected) => {
    expect(codes(await findingsOf(good, { url, placement: 'header' }))).toEqual(expected);
  });

  it('says nothing about the way of a token that is not sent', async () => {
    expect(await findingsOf(good, { url: 'http://example.com/?token=x', placement: 'none' })).toEqual([]);
  });

  it('names opaque tokens as such, with what else is wrong before it', () => {
    const findings = tokenFindings(decodeToken('abc'), now, {
      url: 'http://example.com/',
      placement: 'header',
    });
    expect(codes(findings)).toEqual(['plainHttp', 'opaque']);
  });
});
