import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { explainUnauthorized, type UnauthorizedRequest } from '../../../src/auth/explainUnauthorized.ts';
import { type DecodedToken, decodeToken } from '../../../src/jwt/decode.ts';

const requestedAt = Date.UTC(2026, 0, 2, 14, 0, 0);
const at = requestedAt / 1000;
const good = { sub: 'u', aud: 'orders', iat: at - 60, exp: at + 840 };
const opaque = decodeToken('3f6c1c5e');

async function tokenWith(claims: Record<string, unknown>): Promise<DecodedToken> {
  return decodeToken(await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new Uint8Array(32)));
}

function explain(token: DecodedToken | undefined, more: Partial<UnauthorizedRequest> = {}): string {
  return explainUnauthorized({ token, requestedAt, challenge: [], ...more });
}

describe('explainUnauthorized', () => {
  it('names an expired token before anything the server says', async () => {
    const saying = (description: string) => ({
      challenge: [`Bearer error="invalid_token", error_description="${description}"`],
    });
    const token = await tokenWith({ ...good, exp: at - 3 });
    expect(explain(token, saying('Unknown issuer'))).toBe(
      'The token expired 3 s before the request. The server says: Unknown issuer.',
    );
    // Once is enough.
    expect(explain(token, saying('Token has expired'))).toBe('The token expired 3 s before the request.');
    expect(explain(await tokenWith({ ...good, exp: at }))).toBe(
      'The token expired at the moment of the request.',
    );
  });

  it('names a token that is not valid yet, with the time and, on another day, the date', async () => {
    expect(explain(await tokenWith({ ...good, nbf: at + 120 }))).toBe(
      'The token is not valid before 14:02:00 UTC, 2 m after the request.',
    );
    expect(explain(await tokenWith({ ...good, nbf: at + 86_400 }))).toContain('2026-01-03 14:00:00 UTC');
  });

  it('compares aud with the audience the server asks for', async () => {
    const token = await tokenWith({ ...good, aud: ['orders', 'prices'] });
    expect(explain(token, { challenge: ['Bearer audience="stock"'] })).toBe(
      'The token\'s aud is "orders", "prices"; the server asks for "stock".',
    );
    expect(explain(token, { challenge: ['Bearer audience="prices"'] })).not.toContain('asks for');
    expect(explain(await tokenWith({ sub: 'u' }), { challenge: ['Bearer resource_id="stock"'] })).toBe(
      'The token has no aud; the server asks for "stock".',
    );
  });

  it('puts the aud beside a description that speaks of the audience', async () => {
    const challenge = ['Bearer error="invalid_token", error_description="The audience is invalid"'];
    expect(explain(await tokenWith(good), { challenge })).toBe(
      'The token\'s aud is "orders". The server says: The audience is invalid.',
    );
  });

  it('compares the scope that is asked for with what the token has', async () => {
    const challenge = ['Bearer error="insufficient_scope", scope="events:read"'];
    expect(explain(await tokenWith({ ...good, scope: 'profile' }), { challenge })).toBe(
      'The server asks for the scope "events:read"; the token has "profile".',
    );
    const bare = ['Bearer realm="events", scope="events:read openid"'];
    expect(explain(await tokenWith({ ...good, scp: ['openid'] }), { challenge: bare })).toBe(
      'The server asks for the scope "events:read openid"; the token has "openid".',
    );
    expect(explain(await tokenWith({ ...good, scope: 'openid events:read' }), { challenge: bare })).toBe(
      'The server refused the token for "events" and gave no reason. The token was valid for another 14 m.',
    );
  });

  it('repeats what the server says of a token that looks right', async () => {
    const token = await tokenWith(good);
    const challenge = [
      'Basic realm="x"',
      'Bearer error="invalid_token", error_description="The signature does not match"',
    ];
    expect(explain(token, { challenge })).toBe('The server says: The signature does not match.');
    expect(explain(token, { challenge: ['Bearer error="invalid_token"'] })).toBe(
      'The server says "invalid_token" and gives no further reason.',
    );
  });

  it('finds a clock that is off to be the reason, in either direction', async () => {
    const token = await tokenWith({ ...good, exp: at + 60, nbf: at - 60 });
    expect(explain(token, { serverDate: requestedAt + 100_000 })).toBe(
      "Clock skew: the server's clock is 1 m 40 s ahead of this machine's; by its clock the token had expired 40 s before the request.",
    );
    expect(explain(token, { serverDate: requestedAt - 100_000 })).toBe(
      "Clock skew: the server's clock is 1 m 40 s behind this machine's; by its clock the token is not valid for another 40 s.",
    );
  });

  it('does not count a difference of up to 30 s', async () => {
    const token = await tokenWith({ ...good, exp: at + 10 });
    expect(explain(token, { serverDate: requestedAt + 30_000 })).not.toContain('skew');
  });

  it('mentions skew that explains nothing only where there is nothing better to say', async () => {
    const token = await tokenWith(good);
    const serverDate = requestedAt + 60_000;
    expect(explain(token, { serverDate })).toBe(
      "Clock skew: the server's clock is 1 m ahead of this machine's.",
    );
    const challenge = ['Bearer error_description="The signature does not match"'];
    expect(explain(token, { serverDate, challenge })).not.toContain('skew');
  });

  it('notices a token from the future', async () => {
    const token = await tokenWith({ ...good, iat: at + 300, exp: at + 900 });
    expect(explain(token)).toContain('issued 5 m after the request');
  });

  it('says that no token was sent, and what the server asks for', () => {
    expect(explain(undefined)).toBe('No token was sent.');
    expect(explain(undefined, { challenge: ['Bearer realm="sample"'] })).toBe(
      'No token was sent; the server asks for Bearer authentication for "sample".',
    );
    expect(explain(undefined, { challenge: ['Bearer error_description="Missing token"'] })).toBe(
      'No token was sent. The server says: Missing token.',
    );
  });

  it('says when another scheme is asked for', async () => {
    expect(explain(await tokenWith(good), { challenge: ['Basic realm="x"'] })).toBe(
      'The server asks for Basic authentication, not for a Bearer token.',
    );
  });

  it('says what the server said of an opaque token, or that nobody knows', () => {
    expect(explain(opaque, { challenge: ['Bearer error_description="Session is over."'] })).toBe(
      'The server says: Session is over.',
    );
    expect(explain(opaque)).toContain('gave no reason');
  });

  it('tells how long a token that was refused without a reason would have lived', async () => {
    expect(explain(await tokenWith(good))).toContain('valid for another 14 m');
  });

  it('quotes a server in one bounded line without a token it echoed', async () => {
    const jwt = await new SignJWT(good).setProtectedHeader({ alg: 'HS256' }).sign(new Uint8Array(32));
    const challenge = [`Bearer error_description="Bad ${jwt} on\n\u202eline two ${'x'.repeat(2000)}"`];
    const text = explain(opaque, { challenge });
    expect(text).not.toContain(jwt.split('.')[2]);
    expect(text).toMatch(/^The server says: Bad <token> on line two x+…$/);
    expect(text.length).toBeLessThan(350);
  });
});
