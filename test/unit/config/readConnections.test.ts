import { describe, expect, it } from 'vitest';
import { readConnections } from '../../../src/config/readConnections.ts';

const url = 'http://h.example/';
const good = { name: 'good', url };

function problemsOf(value: unknown): string[] {
  return readConnections([{ scope: 'user', value }]).problems.map(({ text }) => text);
}

describe('readConnections', () => {
  it('fills in every default', () => {
    const { connections, problems } = readConnections([
      { scope: 'user', value: [{ name: ' a ', url: ` ${url} ` }] },
    ]);
    expect(problems).toEqual([]);
    expect(connections).toEqual([
      {
        name: 'a',
        scope: 'user',
        url,
        method: 'GET',
        headers: {},
        body: undefined,
        bodyType: undefined,
        auth: { placement: 'none', name: '', scheme: 'Bearer' },
        token: { from: 'secret', aheadOf: 0.2 },
        policy: 'resilient',
        lastEventId: '',
        reconnect: { initialMs: 1_000, maxMs: 30_000, jitter: 0.5, maxAttempts: 0 },
        idleTimeoutMs: 0,
        tls: undefined,
      },
    ]);
  });

  it.each([
    '${env:BASE}/events',
    'https://${env:HOST}:${env:PORT}/events',
    '${env:SCHEME}://h.example/${secret:ID}',
    'https://h.example/a?key=${secret:K}&t=${env:TENANT}#${env:X}',
  ])('leaves a URL whose host a variable gives to the attempt: %s', (text) => {
    expect(problemsOf([{ name: 'a', url: text }])).toEqual([]);
  });

  it('checks the rest of a URL with variables, and the names of variables', () => {
    expect(
      problemsOf([
        { name: 'a', url: 'ftp://h.example/${env:X}' },
        { name: 'b', url: 'https://${secret:HOST}/' },
        { name: 'c', url: 'https:/${secret:HOST}/' },
        { name: 'd', url: 'https://u:${secret:PASSWORD}@h.example/' },
        { name: 'e', url, headers: { 'X-A': '${env:}' } },
        { name: 'f', url, body: { a: ['${secret:a b}'] } },
      ]),
    ).toEqual([
      '"url" of connection "a" has the scheme "ftp"; it must be http or https.',
      '"url" of connection "b" has a secret for its scheme, host or port, which are shown.',
      '"url" of connection "c" has a secret for its scheme, host or port, which are shown.',
      '"url" of connection "d" has a secret for its scheme, host or port, which are shown.',
      '"headers.X-A" of connection "e" holds "${env:}", which names no variable.',
      '"body" of connection "f" holds "${secret:a b}", which names no variable.',
    ]);
  });

  it('knows where each connection is written, and starts its paths there', () => {
    const tls = { ca: 'certs/ca.pem', cert: '../client.pem', key: '/keys/client.key' };
    const from = (folder: string) => (path: string) => `${folder}|${path}`;
    const { connections } = readConnections([
      { scope: 'folder', label: 'folder x', value: [{ name: 'a', url, tls }], resolvePath: from('F') },
      { scope: 'workspace', value: [{ name: 'b', url, tls: { key: 'k' } }], resolvePath: from('W') },
      { scope: 'user', value: [{ name: 'c', url, tls }], resolvePath: from('U') },
    ]);
    expect(connections.map(({ scope, tls }) => ({ scope, tls }))).toEqual([
      {
        scope: 'folder',
        tls: {
          ca: 'F|certs/ca.pem',
          cert: 'F|../client.pem',
          key: 'F|/keys/client.key',
          foreign: ['F|../client.pem', 'F|/keys/client.key'],
        },
      },
      { scope: 'workspace', tls: { key: 'W|k', foreign: [] } },
      {
        scope: 'user',
        tls: { ca: 'U|certs/ca.pem', cert: 'U|../client.pem', key: 'U|/keys/client.key', foreign: [] },
      },
    ]);
  });

  it('names the credential by its placement, and turns the policy off for other methods than GET', () => {
    const value = ['header', 'query', 'cookie', 'none'].map((placement) => ({
      name: placement,
      url,
      auth: { placement },
      method: 'post',
      body: [1],
    }));
    const { connections } = readConnections([{ scope: 'user', value }]);
    expect(connections.map(({ auth, policy, method, body }) => [auth.name, policy, method, body])).toEqual([
      ['Authorization', 'off', 'POST', '[1]'],
      ['token', 'off', 'POST', '[1]'],
      ['access_token', 'off', 'POST', '[1]'],
      ['', 'off', 'POST', '[1]'],
    ]);
    expect(
      readConnections([{ scope: 'user', value: [{ ...good, auth: {} }] }]).connections[0]?.auth.placement,
    ).toBe('header');
  });

  it('keeps the name of the nearest scope, and joins the others', () => {
    const { connections, problems } = readConnections([
      { scope: 'folder', value: [{ name: 'a', url: `${url}folder` }] },
      { scope: 'workspace', value: undefined },
      { scope: 'user', value: [{ name: 'a', url: `${url}user` }, good] },
    ]);
    expect(problems).toEqual([]);
    expect(connections.map(({ name, url }) => [name, url])).toEqual([
      ['a', `${url}folder`],
      ['good', url],
    ]);
  });

  it('tells of a name used twice in one scope, and keeps the first', () => {
    const { connections, problems } = readConnections([
      { scope: 'workspace', value: [good, { ...good, url: `${url}2` }] },
    ]);
    expect(connections.map(({ url }) => url)).toEqual([url]);
    expect(problems).toEqual([
      {
        scope: 'workspace',
        text: 'The name "good" is used twice in sseDebugger.connections; the first one is kept.',
      },
    ]);
  });

  it('goes on with everything else where one can not be used', () => {
    const { connections, problems } = readConnections([
      { scope: 'folder', value: 'x' },
      { scope: 'user', value: [null, good, { name: 'b' }] },
    ]);
    expect(connections.map(({ name }) => name)).toEqual(['good']);
    expect(problems.map(({ scope }) => scope)).toEqual(['folder', 'user', 'user']);
  });

  it.each([
    [42, 'a number'],
    ['x', 'a text'],
    [null, 'null'],
    [{}, 'an object'],
    [true, 'a boolean'],
  ])('refuses %j for the list', (value, kind) => {
    expect(problemsOf(value)).toEqual([
      `sseDebugger.connections must be a list of connections, not ${kind}.`,
    ]);
  });

  it.each([
    [1, 'Connection number 1 must be an object, not a number.'],
    [null, 'Connection number 1 must be an object, not null.'],
    [['a'], 'Connection number 1 must be an object, not a list.'],
    [{}, '"name" of connection number 1 is missing.'],
    [{ url }, '"name" of connection number 1 is missing.'],
    [{ name: '  ', url }, '"name" of connection number 1 must not be empty.'],
    [{ name: 5, url }, '"name" of connection number 1 must be a text, not a number.'],
    [
      { name: 'x'.repeat(101), url },
      `"name" of connection "${'x'.repeat(60)}…" must have 100 characters or less.`,
    ],
  ])('places %j', (entry, text) => {
    expect(problemsOf([entry])).toEqual([text]);
  });

  it.each([
    [{ url: undefined }, '"url" of connection "a" is missing.'],
    [{ url: 5 }, '"url" of connection "a" must be a text, not a number.'],
    [{ url: '' }, '"url" of connection "a" must not be empty.'],
    [
      { url: 'nope' },
      '"url" of connection "a" is not a URL; it must begin with http:// or https:// and name a host.',
    ],
    [
      { url: 'http://' },
      '"url" of connection "a" is not a URL; it must begin with http:// or https:// and name a host.',
    ],
    [
      { url: 'localhost:80/x' },
      '"url" of connection "a" is not a URL; it must begin with http:// or https:// and name a host.',
    ],
    [{ url: 'ws://h/' }, '"url" of connection "a" has the scheme "ws"; it must be http or https.'],
    [
      { url: 'http://u:p@h/' },
      '"url" of connection "a" holds a user name or password; give the token with "auth" instead.',
    ],
    [{ tsl: {} }, '"tsl" of connection "a" is not a setting of a connection.'],
    [{ method: 'GE T' }, '"method" of connection "a" is not a method that HTTP allows.'],
    [{ headers: [] }, '"headers" of connection "a" must be an object, not a list.'],
    [{ headers: { 'a b': 'x' } }, '"headers.a b" of connection "a" is not a header name that HTTP allows.'],
    [{ headers: { a: 1 } }, '"headers.a" of connection "a" must be a text, not a number.'],
    [
      { headers: { a: 'x\r\nB: c' } },
      '"headers.a" of connection "a" is not a header value that HTTP allows.',
    ],
    [{ body: 5 }, '"body" of connection "a" must be a text, an object or a list, not a number.'],
    [{ auth: [] }, '"auth" of connection "a" must be an object, not a list.'],
    [{ auth: null }, '"auth" of connection "a" must be an object, not null.'],
    [
      { auth: { placement: 'body' } },
      '"auth.placement" of connection "a" must be one of "header", "query", "cookie", "none".',
    ],
    [{ auth: { name: 'a b' } }, '"auth.name" of connection "a" is not a name that HTTP allows.'],
    [{ auth: { scheme: 'a b' } }, '"auth.scheme" of connection "a" is not a scheme that HTTP allows.'],
    [
      { auth: { token: { from: 'thin air' } } },
      '"auth.token.from" of connection "a" must be one of "secret", "env", "session", "command", "endpoint", "oauth2".',
    ],
    [{ auth: { token: {} } }, '"auth.token.from" of connection "a" is missing.'],
    [{ auth: { tokn: 1 } }, '"auth.tokn" of connection "a" is not a setting of a connection.'],
    [{ policy: 'x' }, '"policy" of connection "a" must be one of "resilient", "browser", "off".'],
    [{ lastEventId: 'a\nb' }, '"lastEventId" of connection "a" must have no line breaks.'],
    [{ reconnect: [] }, '"reconnect" of connection "a" must be an object, not a list.'],
    [{ reconnect: { jitter: 2 } }, '"reconnect.jitter" of connection "a" must be 1 or less.'],
    [{ reconnect: { initialMs: -1 } }, '"reconnect.initialMs" of connection "a" must be 0 or more.'],
    [{ reconnect: { maxMs: '9' } }, '"reconnect.maxMs" of connection "a" must be a number, not a text.'],
    [
      { reconnect: { maxAttempts: 1.5 } },
      '"reconnect.maxAttempts" of connection "a" must be a whole number.',
    ],
  ])('says of %j what is wrong', (part, text) => {
    const { connections, problems } = readConnections([
      { scope: 'user', value: [{ name: 'a', url, ...part }, good] },
    ]);
    expect(problems.map((problem) => problem.text)).toEqual([text]);
    expect(connections.map(({ name }) => name)).toEqual(['good']);
  });

  it('takes each way to check a token, and one at a time', () => {
    const verify = (value: object) => problemsOf([{ ...good, verify: value }]);
    const pem = '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----';
    for (const value of [
      {},
      { jwks: 'https://issuer.example/jwks' },
      { jwks: 'http://localhost:8080/jwks', issuer: 'a', audience: 'b' },
      { jwk: { kty: 'EC' } },
      { publicKey: pem },
      { secret: 'signing-secret' },
      { webhook: { url: 'https://issuer.example/verify', topic: 'orders' } },
    ])
      expect(verify(value), JSON.stringify(value)).toEqual([]);
    const of = (field: string, text: string) => [`"verify${field}" of connection "good" ${text}.`];
    const unsafe = 'must be an https URL, or an http URL of this machine';
    expect(verify({ jwks: 'http://issuer.example/jwks' })).toEqual(of('.jwks', unsafe));
    expect(verify({ webhook: { url: 'https://u:p@issuer.example', topic: 'a' } })).toEqual(
      of('.webhook.url', unsafe),
    );
    expect(verify({ webhook: { url: 'https://issuer.example' } })).toEqual(
      of('.webhook.topic', 'is missing'),
    );
    expect(verify({ jwk: { kty: 'EC', d: 'x' } })).toEqual(
      of('.jwk', 'must be a public key: it holds the private part, which no setting may'),
    );
    expect(verify({ publicKey: pem.replaceAll('PUBLIC', 'PRIVATE') })[0]).toContain('it holds a private one');
    expect(verify({ publicKey: 'abc' })[0]).toContain('must be PEM text');
    expect(verify({ secret: 'a b' })[0]).toContain('"verify.secret"');
    expect(verify({ secret: 'a', publicKey: pem })[0]).toContain('can have only one of "jwks", "jwk"');
    expect(verify([])).toEqual(of('', 'must be an object, not a list'));
    expect(verify({ keys: 'x' })).toEqual(of('.keys', 'is not a setting of a connection'));
  });

  it('is not taken in by names that an object has by nature', () => {
    const entry = JSON.parse(`{"name":"__proto__","url":"${url}","__proto__":{"policy":"x"}}`);
    expect(problemsOf([entry])).toEqual([
      '"__proto__" of connection "__proto__" is not a setting of a connection.',
    ]);
  });

  it('repeats nothing of a value, which may be a credential', () => {
    const secret = 's3cr3t';
    const entries = [
      { name: 'a', url: `http://u:${secret}@h/` },
      { name: 'b', url: `${secret} ${secret}` },
      { name: 'c', url, headers: { a: `${secret}\n` } },
      { name: 'd', url, auth: { scheme: `${secret} ${secret}` } },
      { name: 'e', url, lastEventId: `${secret}\n` },
    ];
    expect(problemsOf(entries)).toHaveLength(5);
    expect(problemsOf(entries).join()).not.toContain(secret);
  });
});
