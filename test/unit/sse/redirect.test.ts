import { describe, expect, it } from 'vitest';
import { Redactor } from '../../../src/base/redaction.ts';
import { bareRequest, credentialsOf, redirected, redirectOf } from '../../../src/sse/redirect.ts';
import type { HttpRequest, ResponseHead } from '../../../src/sse/transport.ts';

const get: HttpRequest = { url: 'http://a.test:81/dir/events?x=1', method: 'GET', headers: [] };

function headOf(status: number, ...locations: string[]): ResponseHead {
  const headers = locations.map((location): [string, string] => ['location', location]);
  return { status, statusText: '', httpVersion: '1.1', headers };
}

function from(
  request: HttpRequest,
  status: number,
  locations: string[],
  bare = false,
  secrets = [] as string[],
) {
  const known = new Redactor();
  for (const secret of secrets) known.add(secret);
  return redirectOf(request, headOf(status, ...locations), bare, [known]);
}

describe('redirectOf', () => {
  it.each([300, 304, 305, 306, 309, 200, 404])('has nothing to say of %i', (status) => {
    expect(from(get, status, ['/x'])).toBeUndefined();
  });

  it.each([
    ['/x', 'http://a.test:81/x'],
    ['x?y=z#f', 'http://a.test:81/dir/x?y=z'],
    ['?y', 'http://a.test:81/dir/events?y'],
    ['//a.test:81/x', 'http://a.test:81/x'],
    [' http://A.test:81/\t', 'http://a.test:81/'],
    // "ä" as its UTF-8 bytes, one character each.
    ['/\u00c3\u00a4', 'http://a.test:81/%C3%A4'],
  ])('resolves %j', (location, url) => {
    expect(from(get, 302, [location])).toEqual({
      hop: { url, method: 'GET', dropsBody: false, bare: false },
      location: url,
      crossOrigin: false,
    });
  });

  it.each(['https://a.test:81/', 'http://a.test:82/', 'http://a.test/', 'http://b.test:81/', '//b.test:81'])(
    'sees another origin in %s',
    (location) => {
      expect(from(get, 302, [location])).toMatchObject({ crossOrigin: true, hop: { bare: true } });
    },
  );

  it('stays without credentials on the way back', () => {
    expect(from(get, 302, ['/x'], true)).toMatchObject({ crossOrigin: false, hop: { bare: true } });
  });

  it.each([
    [[], 'missing'],
    [['http://'], 'unparsable'],
    [['http://a.test:99999/'], 'unparsable'],
    [['/a', '/b'], 'unparsable'],
    [['ftp://a.test/'], 'scheme'],
    [['javascript:alert(1)'], 'scheme'],
    [['data:text/event-stream,data:x'], 'scheme'],
    [['http://u@a.test:81/'], 'userinfo'],
    [['http://:p@b.test/'], 'userinfo'],
  ])('goes nowhere with %j: %s', (locations, problem) => {
    const found = from(get, 307, locations);
    expect(found).toMatchObject({ problem });
    expect(found?.hop).toBeUndefined();
  });

  it('knows that an empty Location is a URL to a browser', () => {
    expect(from(get, 301, [''])).toMatchObject({ problem: 'empty', hop: { url: get.url } });
  });

  it('takes one Location said twice for one', () => {
    expect(from(get, 301, ['/x', '/x'])).toMatchObject({ hop: { url: 'http://a.test:81/x' } });
  });

  it.each([
    ['GET', [301, 302, 303, 307, 308], 'GET', false],
    ['HEAD', [301, 302, 303, 307, 308], 'HEAD', false],
    ['POST', [301, 302, 303], 'GET', true],
    ['POST', [307, 308], 'POST', false],
    ['REPORT', [301, 302, 307, 308], 'REPORT', false],
    ['REPORT', [303], 'GET', true],
    ['PUT', [301, 302], 'PUT', false],
  ])('rewrites %s after %j to %s', (method, statuses, next, dropsBody) => {
    for (const status of statuses) {
      expect(from({ ...get, method, body: 'b' }, status, ['/x'])?.hop).toMatchObject({
        method: next,
        dropsBody,
      });
    }
  });

  it('takes parameters with a secret out of the way to another origin, and no others', () => {
    const found = from(get, 302, ['http://b.test/?a=%20&token=hunter%32%32&b'], false, ['hunter22']);
    expect(found?.hop?.url).toBe('http://b.test/?a=%20&b');
    expect(from(get, 302, ['/?token=hunter22'], false, ['hunter22'])?.hop?.url).toContain('hunter22');
  });

  it.each(['http://b.test/hunter22/x', 'http://hunter22.b.test/'])('refuses a secret in %s', (location) => {
    expect(from(get, 302, [location], false, ['hunter22'])).toMatchObject({ problem: 'credential' });
  });

  it('takes no body to another origin', () => {
    const post = { ...get, method: 'POST', body: 'b' };
    expect(from(post, 307, ['http://b.test/'])).toMatchObject({ problem: 'body' });
    expect(from(post, 303, ['http://b.test/'])).toMatchObject({ hop: { method: 'GET' } });
  });
});

describe('the next request', () => {
  const post: HttpRequest = {
    url: 'http://a.test/x?token=t',
    method: 'POST',
    headers: [
      ['content-type', 'application/json'],
      ['Content-Length', '1'],
      ['X-A', 'b'],
    ],
    body: '1',
  };

  it('keeps its body, or drops it with its headers', () => {
    const hop = { url: post.url, method: 'POST', dropsBody: false, bare: false };
    expect(redirected(post, hop)).toEqual(post);
    expect(redirected(post, { ...hop, method: 'GET', dropsBody: true })).toEqual({
      url: post.url,
      method: 'GET',
      headers: [['X-A', 'b']],
    });
  });

  it('to another origin has nothing of the configured one', () => {
    const hop = { url: 'http://b.test/', method: 'GET', dropsBody: false, bare: true };
    const names = bareRequest(hop, '7').headers.map(([name]) => name);
    expect(names).toEqual(['Accept', 'Cache-Control', 'Accept-Encoding', 'Last-Event-ID']);
  });
});

describe('credentialsOf', () => {
  it('finds a token, a cookie and a parameter wherever they are echoed', () => {
    const known = credentialsOf({
      url: 'http://a.test/?access_token=param.value&page=number-one',
      method: 'GET',
      headers: [
        ['authorization', 'Bearer header+value=='],
        ['Cookie', 'theme=darkish; session=cookie.value=='],
        ['X-API-Key', 'key-value'],
        ['X-Tenant', 'acme-corp'],
      ],
    });
    for (const secret of ['param.value', 'header+value==', 'cookie.value==', 'key-value'])
      expect(known.text(`/${encodeURIComponent(secret)}/`)).toBe('/•••/');
    for (const word of ['number-one', 'acme-corp', 'session', 'Bearer', 'access_token'])
      expect(known.text(word)).toBe(word);
  });
});
