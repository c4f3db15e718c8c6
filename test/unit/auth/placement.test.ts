import { describe, expect, it } from 'vitest';
import { type AuthSettings, placeToken } from '../../../src/auth/placement.ts';

const header: AuthSettings = { placement: 'header', name: 'Authorization', scheme: 'Bearer' };
const request = { url: 'https://h.example/p', headers: [['X', '1']] as [string, string][] };

describe('placeToken', () => {
  it('puts a scheme in front in a header, or none', () => {
    expect(placeToken(request, header, 't').headers).toEqual([
      ['X', '1'],
      ['Authorization', 'Bearer t'],
    ]);
    expect(placeToken(request, { ...header, scheme: '' }, 't').headers).toContainEqual([
      'Authorization',
      't',
    ]);
  });

  it('takes the place of the header of its name, whatever its case', () => {
    expect(placeToken({ ...request, headers: [['AUTHORIZATION', 'old']] }, header, 't').headers).toEqual([
      ['Authorization', 'Bearer t'],
    ]);
  });

  it.each([
    ['', '?t=a%2Fb%3D'],
    ['?', '?t=a%2Fb%3D'],
    ['?x=1', '?x=1&t=a%2Fb%3D'],
    ['?t=old&x=a%20b&t=older', '?x=a%20b&t=a%2Fb%3D'],
    ['?tt=1&T=2&flag', '?tt=1&T=2&flag&t=a%2Fb%3D'],
  ])('writes only its own parameter into the query %j', (search, expected) => {
    const { url } = placeToken(
      { ...request, url: request.url + search },
      { placement: 'query', name: 't', scheme: '' },
      'a/b=',
    );
    expect(url).toBe(request.url + expected);
  });

  it('joins its cookie to those that are there', () => {
    const cookie: AuthSettings = { placement: 'cookie', name: 'sid', scheme: '' };
    expect(placeToken(request, cookie, 't').headers).toEqual([
      ['X', '1'],
      ['Cookie', 'sid=t'],
    ]);
    const headers: [string, string][] = [
      ['cookie', ' a=1;sid=old ; sid2=b=c;'],
      ['Cookie', 'd=4'],
    ];
    expect(placeToken({ ...request, headers }, cookie, 't').headers).toEqual([
      ['Cookie', 'a=1; sid2=b=c; d=4; sid=t'],
    ]);
  });

  it('places nothing where it is told so', () => {
    expect(placeToken(request, { placement: 'none', name: '', scheme: '' }, 't')).toEqual(request);
  });
});
