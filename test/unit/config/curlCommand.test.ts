import fc from 'fast-check';
import { quote } from 'shell-quote';
import { describe, expect, it } from 'vitest';
import { commandWords } from '../../../src/config/commandWords.ts';
import { looksLikeCurl, readCurlCommand } from '../../../src/config/curlCommand.ts';
import { readConnections } from '../../../src/config/readConnections.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl';

/** As Chromium's developer tools copy it. */
const fromBrowser = `curl 'https://api.example/events?tenant=acme&token=q-token' \\
  -H 'accept: text/event-stream' \\
  -H 'accept-encoding: gzip, deflate, br, zstd' \\
  -H $'x-note: it\\'s \\u0021' \\
  -b 'sid=c00kie; theme=dark' \\
  -H 'authorization: Bearer ${jwt}' \\
  -H 'last-event-id: 42' \\
  -H 'referer: https://app.example/?token=r-token' \\
  -H 'x-api-key: k-token' \\
  --data-raw $'{"ask":"it\\'s","password":"p\\u0021w","n":[1]}' \\
  --compressed`;

const fromBrowserCmd = `curl ^"https://api.example/events?a=1^&token=q-token^" ^
  -H ^"accept: text/event-stream^" ^
  -H ^"x-odd: 100^%^ \\^"quoted\\^"^" ^
  -H ^"authorization: Bearer ${jwt}^" ^
  --data-raw ^"^{^\\^"a^\\^":^\\^"b c^\\^"^}^"`;

/** What an input box leaves of a text with line breaks. */
const inOneLine = (text: string): string => text.replaceAll('\n', '');

describe('a pasted cURL command', () => {
  it.each([
    ['as it was copied', fromBrowser],
    ['without its line breaks', inOneLine(fromBrowser)],
    ['with those of Windows', fromBrowser.replaceAll('\n', '\r\n')],
    ['with a prompt', `$ ${fromBrowser}`],
  ])('of a browser becomes a connection without any credential: %s', (_, text) => {
    const { input, token, secrets, notes } = readCurlCommand(text);
    expect(input).toEqual({
      name: 'api.example/events',
      url: 'https://api.example/events?tenant=acme&token=${secret:api.example-token}',
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'x-note': "it's !",
        referer: 'https://app.example/',
        'x-api-key': '${secret:api.example-x-api-key}',
        Cookie: '${secret:api.example-cookie}',
        'Content-Type': 'application/x-www-form-urlencoded',
      },
      body: '{"ask":"it\'s","password":"${secret:api.example-password}","n":[1]}',
      auth: { placement: 'header' },
      lastEventId: '42',
    });
    expect(token).toBe(jwt);
    expect(secrets).toEqual([
      { name: 'api.example-x-api-key', value: 'k-token' },
      { name: 'api.example-token', value: 'q-token' },
      { name: 'api.example-cookie', value: 'sid=c00kie; theme=dark' },
      { name: 'api.example-password', value: 'p!w' },
    ]);
    expect(notes).toEqual([]);
    const kept = JSON.stringify(input);
    for (const part of ['q-token', 'c00kie', 'eyJ', 'k-token', 'r-token', 'p!w'])
      expect(kept).not.toContain(part);
    expect(readConnections([{ scope: 'user', value: [input] }]).problems).toEqual([]);
  });

  it.each([
    ['as it was copied', fromBrowserCmd],
    ['without its line breaks', inOneLine(fromBrowserCmd)],
    [
      'of older browsers',
      `curl "https://api.example/events?a=1&token=q-token" ^\r\n  -H "accept: text/event-stream" ^\r\n  -H "x-odd: 100% \\"quoted\\"" ^\r\n  -H "authorization: Bearer ${jwt}" ^\r\n  --data-raw "{\\"a\\":\\"b c\\"}"`,
    ],
  ])('of Windows is read, too: %s', (_, text) => {
    const { input, token } = readCurlCommand(text);
    expect(input).toMatchObject({
      url: 'https://api.example/events?a=1&token=${secret:api.example-token}',
      headers: { accept: 'text/event-stream', 'x-odd': '100% "quoted"' },
      body: '{"a":"b c"}',
      auth: { placement: 'header' },
    });
    expect(token).toBe(jwt);
  });

  it.each([
    ['-H "X-API-Key: abc"', { placement: 'header', name: 'X-API-Key', scheme: '' }, 'abc'],
    ['-H "Authorization: Token abc"', { placement: 'header', scheme: 'Token' }, 'abc'],
    ['-H authorization:abc', { placement: 'header', scheme: '' }, 'abc'],
    ['-u me:pa:ss', { placement: 'header', scheme: 'Basic' }, btoa('me:pa:ss')],
    ['--oauth2-bearer abc', { placement: 'header' }, 'abc'],
    ['-b sid=abc', { placement: 'cookie', name: 'sid' }, 'abc'],
    ['-H "Cookie: sid=a=b"', { placement: 'cookie', name: 'sid' }, 'a=b'],
    ['-G -d access_token=a%2Bb', { placement: 'query', name: 'access_token' }, 'a+b'],
    [`-H "X-Custom: ${jwt}"`, { placement: 'header', name: 'X-Custom', scheme: '' }, jwt],
  ])('gives up its credential as the token: %s', (flags, auth, token) => {
    const { input, ...rest } = readCurlCommand(`curl -N http://h.example/x ${flags}`);
    expect(rest).toEqual({ token, secrets: [], notes: [] });
    expect(input).toEqual({ name: 'h.example/x', url: 'http://h.example/x', auth });
  });

  it('gives up credentials that no token can be, and those in odd places', () => {
    const { input, token, secrets } = readCurlCommand(
      `curl https://me:pw@h.example:8443/bot/${jwt}/x -H 'Authorization: Digest a="b c"' -d 'a=1&client_secret=x%20y'`,
    );
    expect(input).toMatchObject({
      url: 'https://h.example:8443/bot/${secret:h.example_8443-path}/x',
      body: 'a=1&client_secret=${secret:h.example_8443-client_secret}',
    });
    expect(token).toBe(btoa('me:pw'));
    expect(secrets.map(({ value }) => value)).toEqual(['Digest a="b c"', jwt, 'x%20y']);
  });

  it.each([
    ['curl h.example/x', { url: 'http://h.example/x' }],
    ['curl https://h/a#b?c -X PUT # and more', { url: 'https://h/a', method: 'PUT' }],
    ['curl -sSNXREPORT --url https://h.example/', { url: 'https://h.example/', method: 'REPORT' }],
    [
      'curl https://h/ -H "X-A: 1" -H "x-a: 2" -H X-B\\; -H "Accept:"',
      { headers: { 'X-A': '1, 2', 'X-B': '' } },
    ],
    ['curl https://h/ -A me -e https://r/', { headers: { 'User-Agent': 'me', Referer: 'https://r/' } }],
    ['curl https://h/ -d a=1 -d b=2', { method: 'POST', body: 'a=1&b=2' }],
    ['curl https://h/ --data-urlencode "q=a b&c"', { body: 'q=a%20b%26c' }],
    ['curl -G https://h/?x=1 -d a=1', { url: 'https://h/?x=1&a=1' }],
    [
      'curl https://h/ --json \'{"a":1}\'',
      { headers: { 'Content-Type': 'application/json' }, body: '{"a":1}' },
    ],
    ['curl https://h/ -H "X-A: é"', { headers: { 'X-A': 'Ã©' } }],
    ['curl https://h/ --cacert /c/ca.pem -E /c/me.pem:pw', { tls: { ca: '/c/ca.pem', cert: '/c/me.pem' } }],
    ['curl "https://h/?t=$TENANT"', { url: 'https://h/?t=${env:TENANT}' }],
    ['curl https://h/ -H "Authorization: Bearer $KEY"', { headers: { Authorization: 'Bearer ${env:KEY}' } }],
  ])('is read as curl reads it: %s', (text, part) => {
    const { input, token, secrets } = readCurlCommand(text);
    expect(input).toMatchObject(part);
    expect({ token, secrets }).toEqual({ token: undefined, secrets: [] });
  });

  it.each([
    ['curl -k https://h/ --frobnicate -F a=@b', ['-k', '--frobnicate', '--form']],
    ['curl https://h/ -d @file --cacert ca.pem | jq .', ['file', 'relative path', 'behind the command']],
    ['curl https://h/ https://other/ -u me', ['several URLs', '-u without']],
    ['curl https://h/ --s3cr3t/value', ['an unknown option']],
  ])('says what it leaves out: %s', (text, notes) => {
    const found = readCurlCommand(text).notes;
    for (const note of notes) expect(found.join('\n')).toContain(note);
    expect(found.join('\n')).not.toContain('s3cr3t');
  });

  it.each([
    ['curl', 'curl.noUrl'],
    ['curl -H "a: b"', 'curl.noUrl'],
    ['curl ftp://h.example/', 'url.scheme'],
    ['curl "${}"', 'curl.unreadable'],
  ])('that can not be used is refused: %s', (text, code) => {
    expect(() => readCurlCommand(text)).toThrow(expect.objectContaining({ code }));
  });

  it('is told from a URL', () => {
    expect(['curl x', ' $ curl -N x', 'curl.exe x'].every(looksLikeCurl)).toBe(true);
    expect(['curl', 'curly.example/x', 'http://curl x'].some(looksLikeCurl)).toBe(false);
  });

  it('breaks at no text, and keeps whatever words a shell was given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        try {
          readCurlCommand(`curl https://h/ ${text}`);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^(?:curl|url)\./) });
        }
      }),
    );
    const word = fc.stringMatching(/^[ -~]{1,12}$/);
    fc.assert(
      fc.property(fc.array(word, { maxLength: 5 }), (words) => {
        const single = words.map((each) => `'${each.replaceAll("'", "'\\''")}'`).join(' ');
        expect(commandWords(`curl ${single}`).words).toEqual(['curl', ...words]);
      }),
    );
    expect(commandWords(`curl ${quote(['a b', "it's", '$x'])}`).words).toEqual(['curl', 'a b', "it's", '$x']);
  });
});
