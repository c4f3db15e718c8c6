import { describe, expect, it } from 'vitest';
import { MemoryCookieJar } from '../../../src/node/cookieJar.ts';

const url = 'http://127.0.0.1:8080/events/a';

function names(jar: MemoryCookieJar, at = url): string[] {
  return jar.cookies(at).map(([name, value]) => `${name}=${value}`);
}

describe('the cookie jar', () => {
  it('keeps what an origin sets, by name and path, until it is taken back', () => {
    const jar = new MemoryCookieJar();
    jar.keep(url, ['a=1', 'b=2; Path=/other', 'c=3; Path=/; Secure; HttpOnly']);
    expect(names(jar)).toEqual(['a=1', 'c=3']);
    jar.keep(url, ['a=2', 'c=; Path=/; Max-Age=0']);
    expect(names(jar)).toEqual(['a=2']);
  });

  it.each([
    'http://127.0.0.1:8081/events/a',
    'https://127.0.0.1:8080/events/a',
    'http://localhost:8080/events/a',
  ])('has nothing for another origin: %s', (other) => {
    const jar = new MemoryCookieJar();
    jar.keep(url, ['a=1; Path=/']);
    expect(names(jar, other)).toEqual([]);
  });

  it('takes no cookie for another host, and leads none there', () => {
    const jar = new MemoryCookieJar();
    jar.keep('https://api.h.example/', [
      'a=1; Domain=h.example',
      'b=2; Domain=evil.example',
      'c=3; Domain=example',
    ]);
    expect(names(jar, 'https://api.h.example/')).toEqual(['a=1']);
    expect(names(jar, 'https://www.h.example/')).toEqual([]);
  });

  it('is bounded in number and size, the oldest go', () => {
    const jar = new MemoryCookieJar();
    jar.keep(url, [`big=${'x'.repeat(4_096)}`]);
    for (let i = 0; i < 60; i++) jar.keep(url, [`c${i}=${i}`]);
    expect(names(jar)).toHaveLength(50);
    expect(names(jar)[0]).toBe('c10=10');
  });

  it('lives through whatever a server writes', () => {
    const jar = new MemoryCookieJar();
    jar.keep(url, ['', ';', '=', 'a', '\u0000', 'x=1; Expires=never', '__Host-a=1; Domain=x', 'é=1']);
    expect(() => names(jar)).not.toThrow();
  });
});
