import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AuthSettings } from '../../../../src/auth/placement.ts';
import type { ConnectionInput } from '../../../../src/config/connectionSettings.ts';
import { type SampleServer, startSampleServer } from '../../../../src/servers/sampleServer.ts';
import { makeRequest } from '../../../../src/session/attemptRequest.ts';
import { snippetRequest } from '../../../../src/session/copyAs/snippetRequest.ts';
import { eventStream, HttpServer } from '../../../support/httpServer.ts';
import { sessionEdges } from '../../../support/sessionEdges.ts';
import { type Running, snippetRunners } from '../../../support/snippetRunners.ts';
import { settingsOf } from './settingsOf.ts';

// Each snippet is run as a user would run it, where the machine has what it needs.

let sample: SampleServer;
let echo: HttpServer;
const bodies: string[] = [];
const running: Running[] = [];

beforeAll(async () => {
  sample = await startSampleServer({ intervalMs: 5 });
  echo = await HttpServer.start(async (request, response) => {
    bodies.push(await text(request));
    // In the other line ends, one of them in two pieces.
    response.writeHead(200, eventStream).write('id: 1\r');
    response.end('\ndata: [1,\r\ndata: "done"]\r\n\r\n');
  });
});
afterEach(async () => {
  for (const program of running.splice(0)) await program.stop();
  bodies.length = 0;
  echo.requests.length = 0;
});
afterAll(async () => {
  await sample.dispose();
  await echo.close();
});

const placements: Record<string, Partial<AuthSettings>> = {
  'a header': { placement: 'header' },
  'the query': { placement: 'query' },
  'a cookie': { placement: 'cookie' },
};

const hostile = `it's "odd" \\ $HOME \${HOME} \`id\` $(id) !! %41 %s {x} #`;
/** Invisible characters as well, and what other programs end a text with. */
const hostileText = `${hostile}\n\t'''\r\n"""\nEOF\n\u{1f600} ü \u202e \u2028 \u{e0001} \ufeff \u007f 'end'`;
const env: Record<string, string> = {
  ODD: `a'b"c\\d $e \`f\`&g=h+i%41/j?k#l é\u{1f600}\nm`,
  ODD_HEADER: `a'b"c\\d $e \`f\` !! %s`,
  'dotted.name': 'dotted',
};
const secrets: Record<string, string> = { 'my key': 'unused', key: `k'"\\\n$key` };

/** What the connection itself would send, and what a snippet did: comparable whatever the escapes. */
function requestLine(url: string): object {
  const { pathname, searchParams } = new URL(url, echo.url);
  return { path: decodeURIComponent(pathname), query: [...searchParams] };
}

for (const runner of snippetRunners) {
  const missing = runner.missing();
  const start = async (request: Parameters<typeof runner.snippet>[0], values: Record<string, string>) => {
    const program = await runner.start(runner.snippet(request), values);
    running.push(program);
    return program;
  };

  describe(`copied as ${runner.name}`, { timeout: 60_000 }, () => {
    it.for(Object.entries(placements))('receives the stream with the token in %s', async ([, auth], ctx) => {
      ctx.skip(missing !== undefined, missing);
      ctx.skip(runner.name === 'EventSource' && auth.placement === 'header', 'EventSource sends no headers');
      const settings = settingsOf({ url: `${sample.url}/events/orders`, auth });
      const token = await sample.mint();
      const program = await start(snippetRequest(settings, ''), {
        TOKEN: token,
        BROWSER_COOKIE: `access_token=${token}`,
      });
      const out = await program.until((out) => out.includes('order.paid'));
      expect(out).toContain('order.created');
      expect(out).toContain('Grace Hopper');
      expect(out).toContain('ARABICA');
    });

    it('sends what the connection sends, whatever stands in it', async (ctx) => {
      ctx.skip(missing !== undefined, missing);
      for (const input of [
        {
          url: `${echo.url}/a b/[x]/{y}/it's/%41!/ü?q=${hostile}&a[]=1&v=\${env:ODD}&w=x\${secret:key}&u=\${env:dotted.name}`,
          method: 'POST',
          headers: {
            'X-Odd': `${hostile} \xe9`,
            'X-Env': 'a ${env:ODD_HEADER}b',
            'X-Empty': '',
            Accept: '*/*',
          },
          body: hostileText,
          lastEventId: 'ü 1',
        },
        {
          url: echo.url.replace('http://', '${env:SCHEME}://'),
          method: 'REPORT',
          body: { text: hostileText, 'a${env:ODD}"': ['${secret:key}'], keep: { token: 'literal' } },
        },
        { url: echo.url, headers: { Cookie: 'a=${env:dotted.name}' }, auth: { placement: 'cookie' } },
      ] satisfies Partial<ConnectionInput>[]) {
        const settings = settingsOf(input);
        const values = { ...env, SCHEME: 'http', TOKEN: 't0ken' };
        const wanted = await makeRequest(
          settings,
          settings.lastEventId,
          {
            ...sessionEdges(),
            variables: { env: (name) => ({ ...values })[name], secret: async (name) => secrets[name] },
          },
          () => {},
        );
        const request = snippetRequest(settings, settings.lastEventId);
        expect(request.variables).not.toContain('key');
        const program = await start(request, { ...values, SECRET_KEY: '', KEY: secrets.key ?? '' });
        const out = await program.until((out) => out.includes('done'));
        if (runner.name !== 'cURL') expect(out).toMatch(/\[1,(?:\n|\\n)"done"\]/);

        const sent = echo.requests.at(-1);
        expect(requestLine(sent?.url ?? '')).toEqual(requestLine(wanted.url));
        if (runner.name === 'EventSource') continue;
        expect(sent?.method).toBe(wanted.method);
        const fields = Object.fromEntries(wanted.headers.map(([name, value]) => [name.toLowerCase(), value]));
        for (const name of ['accept', 'content-type', 'last-event-id', 'x-odd', 'x-env', 'x-empty']) {
          expect(sent?.headers[name], name).toBe(fields[name]);
        }
        if (settings.auth.placement === 'cookie') {
          expect(sent?.headers.cookie).toBe('a=dotted; access_token=t0ken');
        }
        const isJson = fields['content-type'] === 'application/json';
        const read = (body: string): unknown => (isJson ? JSON.parse(body) : body);
        expect(read(bodies.at(-1) || '""')).toEqual(
          read((wanted.body ?? '""').replace('"literal"', '"t0ken"')),
        );
      }
    });
  });
}
