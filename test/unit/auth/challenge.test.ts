import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../../src/auth/challenge.ts';

/** Challenges as plain values, to compare. */
function parsed(...values: string[]): unknown[] {
  return parseChallenges(values).map(({ scheme, params, token68 }) => ({
    scheme,
    ...(params.size > 0 && { params: Object.fromEntries(params) }),
    ...(token68 !== undefined && { token68 }),
  }));
}

describe('parseChallenges', () => {
  it('reads the example of RFC 9110 section 11.6.1', () => {
    const value = 'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""';
    expect(parsed(value)).toEqual([
      { scheme: 'Basic', params: { realm: 'simple' } },
      { scheme: 'Newauth', params: { realm: 'apps', type: '1', title: 'Login to "apps"' } },
    ]);
  });

  it('reads the examples of RFC 6750 section 3', () => {
    const value =
      'Bearer realm="example",\n error="invalid_token",\n error_description="The access token expired"';
    expect(parsed('Bearer realm="example"', value)).toEqual([
      { scheme: 'Bearer', params: { realm: 'example' } },
      {
        scheme: 'Bearer',
        params: { realm: 'example', error: 'invalid_token', error_description: 'The access token expired' },
      },
    ]);
  });

  it('keeps commas, equals signs and schemes in quoted strings where they are', () => {
    expect(parsed('Bearer error_description="a, Basic realm=x", realm="r"')).toEqual([
      { scheme: 'Bearer', params: { error_description: 'a, Basic realm=x', realm: 'r' } },
    ]);
  });

  it('reads token68, schemes without parameters, and schemes after either', () => {
    expect(parsed('Negotiate YWJj+/==, NTLM, Digest qop=auth, Bearer')).toEqual([
      { scheme: 'Negotiate', token68: 'YWJj+/==' },
      { scheme: 'NTLM' },
      { scheme: 'Digest', params: { qop: 'auth' } },
      { scheme: 'Bearer' },
    ]);
  });

  it('lowers the names of parameters, takes the first of two and allows spaces around the equals sign', () => {
    expect(parsed('bearer REALM = "a" , realm="b"')).toEqual([{ scheme: 'bearer', params: { realm: 'a' } }]);
  });

  it.each([
    ['Bearer realm="a" error="b"', [{ scheme: 'Bearer', params: { realm: 'a', error: 'b' } }]],
    ['Bearer,, ,realm="a",', [{ scheme: 'Bearer', params: { realm: 'a' } }]],
    ['Bearer realm="not closed', [{ scheme: 'Bearer', params: { realm: 'not closed' } }]],
    ['Bearer realm="ends in \\', [{ scheme: 'Bearer', params: { realm: 'ends in ' } }]],
    ['Bearer uri=https://a/b?c=d, x=', [{ scheme: 'Bearer', params: { uri: 'https://a/b?c=d', x: '' } }]],
    ['error="e"', [{ scheme: '', params: { error: 'e' } }]],
    ['"Basic realm=x" Bearer a="b"', [{ scheme: 'Bearer', params: { a: 'b' } }]],
    ['{"error":1}', [{ scheme: '1' }]],
    ['', []],
    ['Bearer __proto__="x"', [{ scheme: 'Bearer', params: Object.fromEntries([['__proto__', 'x']]) }]],
  ])('takes what it can from %j', (value, expected) => {
    expect(parsed(value)).toEqual(expected);
  });

  it('is bounded', () => {
    expect(parseChallenges(['a,'.repeat(5000)]).length).toBeLessThanOrEqual(32);
    const many = Array.from({ length: 500 }, (_, i) => `p${i}=1`).join(',');
    expect(parseChallenges([`Bearer ${many}`])[0]?.params.size).toBe(64);
    expect(parseChallenges([' '.repeat(17_000), 'Bearer'])).toEqual([]);
  });

  it('gives back what was written by the grammar', () => {
    const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/);
    const name = token.map((text) => text.toLowerCase());
    const text = fc.string({ unit: fc.constantFrom(...'ab,="\\ \t;é') });
    const challenge = fc.record({
      scheme: token,
      params: fc.uniqueArray(fc.tuple(name, text), { selector: ([n]) => n, minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 4 }), (challenges) => {
        const quoted = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;
        const value = challenges
          .map(({ scheme, params }) => `${scheme} ${params.map(([n, v]) => `${n}=${quoted(v)}`).join(', ')}`)
          .join(', ');
        const result = parseChallenges([value]).map(({ scheme, params }) => ({
          scheme,
          params: [...params],
        }));
        expect(result).toEqual(challenges);
      }),
    );
  });

  it('never throws', () => {
    const junk = fc.string({ unit: fc.constantFrom(...'aB="\\, \t\n/é1') });
    fc.assert(
      fc.property(fc.array(junk), (values) => Array.isArray(parseChallenges(values))),
      { numRuns: 1000 },
    );
  });
});
