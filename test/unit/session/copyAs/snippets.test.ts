import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../../src/base/errors.ts';
import type { ConnectionInput } from '../../../../src/config/connectionSettings.ts';
import { curlSnippet } from '../../../../src/session/copyAs/curl.ts';
import { eventSourceSnippet } from '../../../../src/session/copyAs/eventSource.ts';
import { fetchSnippet } from '../../../../src/session/copyAs/fetch.ts';
import { httpxSnippet, requestsSnippet } from '../../../../src/session/copyAs/python.ts';
import { snippetRequest } from '../../../../src/session/copyAs/snippetRequest.ts';
import { snippetRunners } from '../../../support/snippetRunners.ts';
import { settingsOf } from './settingsOf.ts';

type Input = Partial<ConnectionInput> & { url: string };

const requestOf = (input: Input, lastEventId = '') => snippetRequest(settingsOf(input), lastEventId);
const url = 'https://api.example/events';

describe('a snippet', () => {
  it('is a command that one would write by hand', () => {
    const input: Input = {
      url: `${url}?tenant=acme`,
      method: 'POST',
      headers: { 'X-Tenant': "it's" },
      body: { ask: 'why?' },
      auth: { placement: 'header' },
    };
    expect(curlSnippet(requestOf(input, '42'))).toBe(
      [
        "curl -N 'https://api.example/events?tenant=acme' \\",
        "  -H 'Accept: text/event-stream' \\",
        "  -H 'Content-Type: application/json' \\",
        "  -H 'Last-Event-ID: 42' \\",
        "  -H 'X-Tenant: it'\\''s' \\",
        '  -H "Authorization: Bearer $TOKEN" \\',
        `  --data-raw '{"ask":"why?"}'`,
      ].join('\n'),
    );
  });

  it('lets curl encode a token in the query, also beside a body', () => {
    const input: Input = { url, auth: { placement: 'query' } };
    expect(curlSnippet(requestOf(input))).toMatch(
      /^curl -N -G https:\/\/api.example\/events \\\n {2}--data-urlencode "token=\$TOKEN" \\/,
    );
    expect(curlSnippet(requestOf({ ...input, method: 'POST', body: 'x' }))).toContain(
      '--url-query "token=$TOKEN"',
    );
  });

  it('reads variables under their own names, secrets and credentials under names made of theirs', () => {
    const { variables } = requestOf({
      url: `\${env:BASE}/\${secret:path}?u=\${env:TOKEN}&sig=5ecret`,
      method: 'POST',
      headers: { 'X-Api-Key': '${secret:api.example-key}', Cookie: 'sid=5ecret; t=dark' },
      body: { password: '5ecret', again: '${env:BASE}' },
      auth: { placement: 'header' },
    });
    // TOKEN is taken, and SECRET_PATH is not what a shell finds its programs by.
    expect(variables).toEqual([
      'BASE',
      'SECRET_PATH',
      'TOKEN',
      'SIG',
      'API_EXAMPLE_KEY',
      'COOKIE',
      'TOKEN_2',
      'PASSWORD',
    ]);
  });

  it('takes nothing that a server sent as a variable', () => {
    const request = requestOf({ url }, '${env:HOME}');
    expect(request.variables).toEqual([]);
    expect(curlSnippet(request)).toContain("'Last-Event-ID: ${env:HOME}'");
  });

  it.each([
    ['${env:BASE}', '$BASE'],
    ['${env:BASE}?a=1', '${BASE}?a=1'],
    ['${env:BASE}/a b', '$BASE/a%20b'],
    ['https://${env:HOST}:8443/x', 'https://${HOST}:8443/x'],
  ])('leaves scheme and host to a variable: %s', (written, expected) => {
    expect(curlSnippet(requestOf({ url: written }))).toContain(`curl -N "${expected}"`);
  });

  it('has the certificates where a client takes files, and says where it leaves them out', () => {
    const request = requestOf({ url, tls: { ca: '/a b/ca.pem', cert: '/c.pem', key: '/k.pem' } });
    expect(curlSnippet(request)).toContain("--cacert '/a b/ca.pem' \\\n  --cert /c.pem \\\n  --key /k.pem");
    expect(requestsSnippet(request)).toContain('verify="/a b/ca.pem",\n    cert=("/c.pem", "/k.pem"),');
    expect(httpxSnippet(request)).toContain('certificates are left out');
    expect(fetchSnippet(request)).toContain('certificates are left out');
  });

  it('says what a browser does with cookies, and what fetch can not send', () => {
    const input: Input = { url, method: 'GET', body: 'x', auth: { placement: 'cookie' } };
    const snippet = fetchSnippet(requestOf(input));
    expect(snippet).toContain("A browser lets no code send 'Cookie'");
    expect(snippet).toContain("credentials: 'include',");
    expect(snippet).toContain('fetch sends no body with GET: it is left out.');
    expect(snippet).not.toContain('body:');
  });

  it('says what EventSource can not send, and how it gets the token there', () => {
    const request = requestOf(
      { url, method: 'POST', headers: { 'X-Tenant': 'acme' }, body: 'x', auth: { placement: 'header' } },
      "4'2",
    );
    const notes = eventSourceSnippet(request, []).split('\n').slice(0, 6);
    expect(notes).toEqual([
      "// This connection has what EventSource can't send:",
      "// - the header 'X-Tenant'",
      `// - the header 'Authorization' with the token; where the server takes it in the query: "placement": "query"`,
      '// - the method POST: it sends GET',
      '// - a body',
      `// - Last-Event-ID "4'2" at the start: it sends one when it reconnects`,
    ]);
    const plain = eventSourceSnippet(requestOf({ url, auth: { placement: 'query' } }), ["it's"]);
    expect(plain).not.toContain('has what');
    expect(plain).toContain(`['message', "it's"]`);
  });

  it('holds no credential, wherever the settings have one', () => {
    const secret = fc.stringMatching(/^[a-z0-9]{14}$/);
    const jwt = secret.map((text) => `eyJhbGciOiJIUzI1NiJ9.${text}.${text}`);
    const inputs: fc.Arbitrary<[string, Input]> = fc.oneof(
      secret.map((s): [string, Input] => [s, { url, headers: { Authorization: `Bearer ${s}` } }]),
      secret.map((s): [string, Input] => [s, { url, headers: { 'X-Note': `basic ${s}` } }]),
      secret.map((s): [string, Input] => [s, { url, headers: { Cookie: `a=\${env:A}; sid=${s}` } }]),
      secret.map((s): [string, Input] => [s, { url: `${url}?a=1&api_key=${s}&b=2` }]),
      secret.map((s): [string, Input] => [s, { url: `\${env:BASE}/x?token=\${env:A}${s}` }]),
      secret.map((s): [string, Input] => [s, { url, method: 'POST', body: { deep: [{ password: s }] } }]),
      secret.map((s): [string, Input] => [s, { url, method: 'POST', body: `{"secret": "${s}"}` }]),
      secret.map((s): [string, Input] => {
        const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
        return [s, { url, method: 'POST', headers, body: `a=1&password=${s}` }];
      }),
      jwt.map((s): [string, Input] => [s, { url: `${url}/${s}/x` }]),
      jwt.map((s): [string, Input] => [s, { url: `${url}?q=${s}` }]),
      jwt.map((s): [string, Input] => [s, { url, method: 'POST', body: { q: `see ${s}` } }]),
    );
    fc.assert(
      fc.property(inputs, fc.constantFrom(...snippetRunners), ([secret, input], { snippet }) => {
        expect(snippet(requestOf(input))).not.toContain(secret);
      }),
      { numRuns: 300 },
    );
  });

  it('is not made of a URL that holds a user name or password', () => {
    const written = 'https://user:pa55@${env:HOST}/';
    let thrown: unknown;
    try {
      snippetRequest({ ...settingsOf({ url }), url: written }, '');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(AppError);
    expect(thrown).toMatchObject({ code: 'url.credentials', facts: { url: '•••@${env:HOST}' } });
  });
});
