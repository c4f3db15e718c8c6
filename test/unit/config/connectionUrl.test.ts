import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/base/errors.ts';
import { parseConnectionUrl, takeTokenFromUrl } from '../../../src/config/connectionUrl.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';

describe('parseConnectionUrl', () => {
  it('takes http and https, without the fragment', () => {
    expect(parseConnectionUrl(' https://h.example/p?q=1#x ').href).toBe('https://h.example/p?q=1');
  });

  it.each([
    ['', 'url.unparsable'],
    ['nope', 'url.unparsable'],
    ['http://', 'url.unparsable'],
    ['ftp://h/', 'url.scheme'],
    ['javascript:alert(1)', 'url.scheme'],
    ['https://user@h/', 'url.credentials'],
    ['https://:secret@h/', 'url.credentials'],
  ])('refuses %j: %s', (text, code) => {
    expect(() => parseConnectionUrl(text)).toThrow(expect.objectContaining({ code }));
  });

  it('shows no credential of what it refuses', () => {
    for (const text of ['https://u:hunter22@h/', `ftp://h/?token=hunter22`, 'ws://u:hunter22@h/']) {
      try {
        parseConnectionUrl(text);
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(AppError);
        expect(JSON.stringify((error as AppError).facts)).not.toContain('hunter22');
      }
    }
  });
});

describe('takeTokenFromUrl', () => {
  function take(search: string) {
    const found = takeTokenFromUrl(new URL(`https://h.example/p${search}`));
    return found && [found.url.href.slice('https://h.example/p'.length), found.parameter, found.token];
  }

  it.each(['', '?q=1', '?token=', '?monkey=abc', '?q=eyJ'])('finds none in %j', (search) => {
    expect(take(search)).toBeUndefined();
  });

  it('takes it out, and leaves the rest as it was written', () => {
    expect(take('?q=a%20b&access_token=abc&flag&x=~')).toEqual(['?q=a%20b&flag&x=~', 'access_token', 'abc']);
    expect(take('?api_key=a%2Bb')).toEqual(['', 'api_key', 'a+b']);
    expect(take(`?anything=${jwt}`)).toEqual(['', 'anything', jwt]);
  });

  it('takes the likeliest: what looks like a JWT, then what is called a token', () => {
    expect(take(`?key=orders&code=1&token=abc&v=${jwt}`)).toEqual(['?key=orders&code=1&token=abc', 'v', jwt]);
    expect(take('?key=orders&stream_token=abc')).toEqual(['?key=orders', 'stream_token', 'abc']);
    expect(take('?sig=1&key=2')).toEqual(['?key=2', 'sig', '1']);
  });

  it('leaves no second copy of the parameter behind', () => {
    expect(take('?token=a&%74oken=b')).toEqual(['', 'token', 'a']);
  });
});
