import { describe, expect, it } from 'vitest';
import { Redactor } from '../../../src/base/redaction.ts';
import { MemoryCookieJar } from '../../../src/node/cookieJar.ts';
import { addCookies, CookieTransport } from '../../../src/session/cookieTransport.ts';
import { Masks } from '../../../src/session/masks.ts';
import type { HttpRequest } from '../../../src/sse/transport.ts';
import { FakeTransport } from '../../support/fakeTransport.ts';

const home = 'https://h.example';
const silent = { head: () => {}, chunk: () => {}, end: () => {} };

function make() {
  const inner = new FakeTransport();
  const redactor = new Redactor();
  const transport = new CookieTransport(inner, new MemoryCookieJar(), new Masks(redactor), () => home);
  const send = (url: string, headers: HttpRequest['headers'] = []) => {
    transport.open({ url, method: 'GET', headers }, silent);
    return inner.last;
  };
  return { send, redactor };
}

const cookieOf = (request: HttpRequest) => request.headers.find(([name]) => name === 'Cookie')?.[1];

describe('the cookies of a connection', () => {
  it('are sent with later attempts to its origin, behind the configured ones, which win', () => {
    const { send } = make();
    send(`${home}/events`).head(503, { 'Set-Cookie': 'sid=jar; Path=/' });
    expect(cookieOf(send(`${home}/events`).request)).toBe('sid=jar');
    expect(cookieOf(send(`${home}/events`, [['cookie', 'a=1; b=2']]).request)).toBe('a=1; b=2; sid=jar');
    expect(send(`${home}/events`, [['cookie', 'sid=mine']]).request.headers).toEqual([
      ['cookie', 'sid=mine'],
    ]);
  });

  it('neither come from nor go to another origin', () => {
    const { send } = make();
    send(`${home}/`).head(200, { 'Set-Cookie': 'sid=1; Domain=h.example' });
    expect(cookieOf(send('https://www.h.example/').request)).toBeUndefined();
    send('https://other.example/').head(200, { 'Set-Cookie': 'other=1' });
    expect(cookieOf(send('https://other.example/').request)).toBeUndefined();
  });

  it('are masked from the answer on that brought them', () => {
    const { send, redactor } = make();
    send(`${home}/`).head(200, { 'Set-Cookie': 'sid=abcdef123' });
    expect(redactor.text('echo abcdef123')).toBe('echo •••');
  });
});

it('addCookies leaves a request alone where there is nothing to add', () => {
  const headers = [['Cookie', 'a=1;;b=2']] as const;
  expect(addCookies(headers, [['a', 'x']])).toBe(headers);
});
