import { describe, expect, it } from 'vitest';
import { Redactor } from '../../../src/base/redaction.ts';
import { maxSentBody, sentRequest } from '../../../src/sse/sentRequest.ts';
import type { HttpRequest } from '../../../src/sse/transport.ts';

const base: HttpRequest = {
  url: 'http://a.test/x',
  method: 'GET',
  headers: [['Accept', 'text/event-stream']],
};

function kept(change: Partial<HttpRequest>, secrets: string[] = [], headers?: [string, string][]) {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(secret);
  return sentRequest({ ...base, ...change }, headers, 7, redactor);
}

describe('a sent request as it is kept', () => {
  it('has what the transport says went out, else what it was given', () => {
    expect(kept({})).toEqual({ time: 7, ...base });
    expect(kept({}, [], [['Host', 'a.test']]).headers).toEqual([['Host', 'a.test']]);
  });

  it.each([
    ['X-Whatever', 'a header of any name', { headers: [['X-Whatever', 'pin'] as const] }],
    ['t', 'a parameter of any name', { url: 'http://a.test/?a=%20b&t=pin' }],
  ])('masks a token in its place, however short: %s, %s', (credential, _, change) => {
    const text = JSON.stringify(kept({ ...change, credential }));
    expect(text).not.toContain('pin');
    expect(text).toContain('•••');
  });

  it('masks fields and parameters that are named like a credential', () => {
    const headers: [string, string][] = [
      ['Private-Token', 'abc'],
      ['x-goog-api-key', 'abc'],
      ['Cookie', 'a=abc'],
      ['Proxy-Authorization', 'Basic abc'],
      ['X-Tenant', 'acme'],
    ];
    expect(kept({ url: 'http://u:abc@a.test/?access_token=abc&page=2', headers })).toMatchObject({
      url: 'http://a.test/?access_token=•••&page=2',
      headers: [...headers.slice(0, 4).map(([name]) => [name, '•••']), ['X-Tenant', 'acme']],
    });
  });

  it('masks secrets in the body, also across the cut, and says how long the whole is', () => {
    const body = JSON.stringify({ key: 'se"cret', euro: '€', pad: 'x'.repeat(maxSentBody - 45) });
    const long = `${body}s3cr3t-value`;
    const { body: shown = '', bodyBytes } = kept({ body: long }, ['se"cret', 's3cr3t-value']);
    expect(shown).toContain('{"key":"•••","euro":"€"');
    expect(shown.length).toBeLessThanOrEqual(maxSentBody);
    expect(shown).not.toContain('s3c');
    expect(bodyBytes).toBe(Buffer.byteLength(long));
  });
});
