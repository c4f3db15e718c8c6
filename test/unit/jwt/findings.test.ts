import { CompactEncrypt, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { decodeToken } from '../../../src/jwt/decode.ts';
import type { Finding, TokenContext } from '../../../src/jwt/finding.ts';
import { tokenFindings } from '../../../src/jwt/findings.ts';

const now = 1_700_000_000_000;
const nowSeconds = now / 1000;
const good = { sub: 'user123', iat: nowSeconds - 60, exp: nowSeconds + 840 };

async function findingsOf(claims: Record<string, unknown>, use?: TokenContext): Promise<Finding[]> {
  const raw = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new Uint8Array(32));
  return tokenFindings(decodeToken(raw), now, use);
}

function rawToken(header: string, payload: string): string {
  return `${[header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.')}.c2ln`;
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
      { code: 'expired', severity: 'error', claim: 'exp', title: 'Expired just now' },
    ]);
    const later = await findingsOf({ ...good, exp: nowSeconds - 130 });
    expect(later[0]?.title).toBe('Expired 2 m 10 s ago');
  });

  it('says when a token starts to be valid', async () => {
    const [finding] = await findingsOf({ ...good, nbf: nowSeconds + 90 });
    expect(finding).toMatchObject({ code: 'notYetValid', severity: 'error', claim: 'nbf' });
    expect(finding?.title).toContain('in 1 m 30 s');
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

  it('finds a life of more than an hour over-long, counted from iat, else nbf, else now', async () => {
    const hour = 3_600;
    expect(codes(await findingsOf({ sub: 'a', iat: nowSeconds, exp: nowSeconds + hour }))).toEqual([]);
    for (const claims of [
      { iat: nowSeconds - 5, exp: nowSeconds + hour },
      { nbf: nowSeconds - 5, exp: nowSeconds + hour },
      { exp: nowSeconds + 2 * hour },
    ])
      expect(codes(await findingsOf({ sub: 'a', ...claims }))).toEqual(['overLong']);
  });

  it('finds exp in milliseconds, and then neither an end nor a lifetime', async () => {
    const findings = await findingsOf({ sub: 'a', iat: nowSeconds, exp: now - 5000 });
    expect(findings).toMatchObject([{ code: 'inMilliseconds', severity: 'error', claim: 'exp' }]);
  });

  it.each([[`"${nowSeconds + 60}"`], ['1e300'], ['null'], ['{}'], ['[1]'], ['true']])(
    'finds no time in %s',
    (exp) => {
      const raw = rawToken('{"alg":"HS256"}', `{"sub":"a","exp":${exp}}`);
      expect(tokenFindings(decodeToken(raw), now)).toMatchObject([{ code: 'notANumber', claim: 'exp' }]);
    },
  );

  it('reads a negative time as one before 1970', () => {
    const raw = rawToken('{"alg":"HS256"}', '{"sub":"a","exp":-1}');
    expect(tokenFindings(decodeToken(raw), now)[0]?.title).toBe('Expired 53 y 330 d ago');
  });

  it("judges times by the server's clock where it is off by more than its noise", async () => {
    const claims = { ...good, exp: nowSeconds + 20 };
    expect(codes(await findingsOf(claims, { skewMs: 29_000 }))).toEqual([]);
    const [ahead] = await findingsOf(claims, { skewMs: 40_000 });
    expect(ahead).toMatchObject({
      title: 'Expired 20 s ago',
      text: expect.stringContaining('by its clock, which is 40 s ahead'),
    });
    const [behind] = await findingsOf({ ...good, nbf: nowSeconds - 10 }, { skewMs: -60_000 });
    expect(behind).toMatchObject({ code: 'notYetValid' });
    expect(behind?.title).toContain('in 50 s');
    expect(behind?.text).toContain('by its clock, which is 1 m behind');
  });

  it('finds a secret that is shorter than the hash of the algorithm', async () => {
    expect(codes(await findingsOf(good, { secretBits: 255 }))).toEqual(['weakSecret']);
    expect(await findingsOf(good, { secretBits: 256 })).toEqual([]);
    const raw = await new SignJWT(good).setProtectedHeader({ alg: 'HS512' }).sign(new Uint8Array(64));
    expect(codes(tokenFindings(decodeToken(raw), now, { secretBits: 256 }))).toEqual(['weakSecret']);
  });

  it('finds an audience that the settings or a refusal of the server do not fit', async () => {
    const claims = { ...good, aud: ['a', 'b'], iss: 'me' };
    expect(
      await findingsOf(claims, { expected: { audience: 'b', issuer: 'me' }, askedAudience: 'a' }),
    ).toEqual([]);
    const [settings] = await findingsOf(claims, { expected: { audience: 'c' } });
    expect(settings).toMatchObject({
      code: 'wrongAudience',
      severity: 'error',
      text: 'aud is "a", "b"; the settings of the connection want "c".',
    });
    const [asked] = await findingsOf(good, { expected: { audience: 'c' }, askedAudience: 'd' });
    expect(asked?.text).toBe('The token has no aud; the server asked for "d" when it refused a token.');
    expect(codes(await findingsOf(claims, { expected: { issuer: 'you' } }))).toEqual(['wrongIssuer']);
    expect(codes(await findingsOf(good, { expected: { issuer: 'you' } }))).toEqual(['wrongIssuer']);
  });

  it('finds a stream that is open longer than its token lives', async () => {
    const raw = await new SignJWT({ ...good, exp: nowSeconds - 59 })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new Uint8Array(32));
    const streamToken = decodeToken(raw);
    expect(codes(await findingsOf(good, { streamToken }))).toEqual([]);
    const [finding] = await findingsOf(good, { streamToken, skewMs: 1_000 });
    expect(finding).toMatchObject({ code: 'outlivedByStream', severity: 'warning' });
    expect(finding?.text).toContain('still open 1 m after the end');
  });

  it('finds names that come twice, and a crit that no server can accept', () => {
    const of = (header: string, payload = '{"sub":"a","exp":1700000060}') =>
      tokenFindings(decodeToken(rawToken(header, payload)), now);
    expect(of('{"alg":"HS256"}', '{"sub":"a","sub":"b","exp":1700000060}')).toMatchObject([
      { code: 'doubledName', severity: 'warning', text: expect.stringContaining('"sub" comes twice') },
    ]);
    expect(of('{"alg":"HS256","crit":["x"],"x":1}')).toMatchObject([{ code: 'critical', severity: 'info' }]);
    for (const crit of ['[]', '"x"', '["y"]', '[1]', '["x",1]', '{}'])
      expect(of(`{"alg":"HS256","x":1,"crit":${crit}}`), crit).toMatchObject([
        { code: 'critical', severity: 'error' },
      ]);
  });

  it('names an encrypted token, its compression, and a key that costs the server too much', async () => {
    const jwe = async (header: object): Promise<string> => {
      const raw = await new CompactEncrypt(new Uint8Array(1))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .encrypt(new Uint8Array(32));
      return [rawToken(JSON.stringify(header), '').split('.')[0], ...raw.split('.').slice(1)].join('.');
    };
    const of = async (header: object): Promise<string[]> =>
      codes(tokenFindings(decodeToken(await jwe(header)), now));
    expect(await of({ alg: 'dir', enc: 'A256GCM' })).toEqual(['encrypted']);
    expect(await of({ alg: 'PBES2-HS256+A128KW', enc: 'A256GCM', p2c: 2 ** 31, zip: 'DEF' })).toEqual([
      'costlyKey',
      'encrypted',
      'compressed',
    ]);
  });

  it('has a remedy where there is one', async () => {
    expect(
      (await findingsOf({ ...good, exp: 1 }, { url: 'http://example.com', placement: 'query' })).map(
        ({ code, remedy }) => [code, remedy],
      ),
    ).toEqual([
      ['expired', 'token'],
      ['plainHttp', 'settings'],
      ['tokenInUrl', 'settings'],
    ]);
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
    const [broken] = tokenFindings(decodeToken('Bearer eyJhbGciOiJIUzI1NiJ9.e30.'), now);
    expect(broken).toMatchObject({
      code: 'malformed',
      severity: 'error',
      text: expect.stringContaining('"Bearer"'),
    });
  });
});
