import { describe, expect, it } from 'vitest';
import type { HeaderList } from '../../../src/base/headers.ts';
import { placementOf } from '../../../src/servers/proxiedRequest.ts';
import { cookiesForUpstream, setCookieForClient } from '../../../src/servers/proxyCookies.ts';
import { escapeOf, fieldsForClient, fieldsForUpstream } from '../../../src/servers/proxyHeaders.ts';

const place = { origin: 'http://localhost:4711', prefix: '/s', upstream: 'https://api.example.com' };

describe('fieldsForUpstream', () => {
  it('leaves out what is of one hop, also what Connection names', () => {
    const fields: HeaderList = [
      ['Host', 'localhost:4711'],
      ['connection', 'keep-alive, X-Hop'],
      ['X-Hop', '1'],
      ['Keep-Alive', 'timeout=5'],
      ['Proxy-Authorization', 'Basic eA=='],
      ['Expect', '100-continue'],
      ['Accept-Encoding', 'gzip, br'],
      ['Accept', 'text/event-stream'],
      ['X-Two', 'a'],
      ['X-Two', 'b'],
    ];
    expect(fieldsForUpstream(fields, place)).toEqual([
      ['Accept', 'text/event-stream'],
      ['X-Two', 'a'],
      ['X-Two', 'b'],
      ['Accept-Encoding', 'identity'],
    ]);
  });
});

describe('fieldsForClient', () => {
  const toClient = (...fields: HeaderList): HeaderList =>
    fieldsForClient(fields, place, {
      url: 'https://api.example.com/a/b',
      isDecoded: false,
      origin: undefined,
    });

  it.each([
    ['https://api.example.com/x?y=1#z', 'http://localhost:4711/s/x?y=1#z'],
    ['https://API.example.com:443/x', 'http://localhost:4711/s/x'],
    ['//api.example.com/x', 'http://localhost:4711/s/x'],
    ['/x', 'http://localhost:4711/s/x'],
    ['x', 'http://localhost:4711/s/a/x'],
    ['../../../x', 'http://localhost:4711/s/x'],
    ['?page=2', 'http://localhost:4711/s/a/b?page=2'],
    ['http://api.example.com/x', 'http://api.example.com/x'],
    ['https://other.example/x', 'https://other.example/x'],
    ['mailto:me', 'mailto:me'],
  ])('keeps a client with the proxy that is led to %s', (location, expected) => {
    expect(toClient(['Location', location])).toEqual([['Location', expected]]);
    const head = { status: 302, headers: [['Location', location]] as const };
    const isInside = expected.startsWith(place.origin);
    expect(escapeOf(head, 'https://api.example.com/a/b', place.upstream) === undefined).toBe(isInside);
  });

  it('calls no other answer with a Location an escape', () => {
    const headers: HeaderList = [['Location', 'https://other.example/']];
    expect(escapeOf({ status: 201, headers }, 'https://api.example.com/', place.upstream)).toBeUndefined();
  });

  it('tells nothing of an encoding that was undone', () => {
    const fields: HeaderList = [
      ['Content-Encoding', 'gzip'],
      ['Content-Length', '9'],
      ['ETag', '"1"'],
    ];
    const url = 'https://api.example.com/';
    expect(fieldsForClient(fields, place, { url, isDecoded: true, origin: undefined })).toEqual([
      ['ETag', '"1"'],
    ]);
  });
});

describe('setCookieForClient', () => {
  it.each([
    ['a=1', 'a=1'],
    ['a=1; Path=/; HttpOnly', 'a=1; Path=/s; HttpOnly'],
    ['a=1;path=/x;Domain=example.com;Secure', 'a=1; Path=/s/x'],
    ['a=1; Path=x', 'a=1; Path=x'],
    ['a="x=y"; Max-Age=5; SameSite=Lax', 'a="x=y"; Max-Age=5; SameSite=Lax'],
    ['a=1; SameSite=None; Secure; Partitioned', 'a=1'],
    ['__Host-a=1; Path=/; Secure', 'proxied-__Host-a=1; Path=/s'],
    ['__secure-a=1; Secure', 'proxied-__secure-a=1'],
  ])('%s', (value, expected) => {
    expect(setCookieForClient(value, '/s')).toBe(expected);
  });

  it('gives a guarded name back', () => {
    expect(cookiesForUpstream('a=1; proxied-__Host-b=2;proxied-c=3')).toBe('a=1; __Host-b=2; proxied-c=3');
  });
});

describe('placementOf', () => {
  const jwt = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.x';
  it.each([
    ['header', '', [['authorization', 'Bearer x']]],
    ['header', '?token=x', [['X-Api-Key', 'x']]],
    ['header', '', [['X-Whatever', jwt]]],
    ['query', '?access_token=x', [['Cookie', 'a=1']]],
    ['query', `?t=${jwt}`, []],
    ['cookie', '?topic=a', [['Cookie', 'a=1']]],
    ['none', '?topic=a', [['Accept', '*/*']]],
  ] as [string, string, HeaderList][])('%s: %s', (placement, query, headers) => {
    expect(placementOf(`https://api.example.com/${query}`, headers)).toBe(placement);
  });
});
