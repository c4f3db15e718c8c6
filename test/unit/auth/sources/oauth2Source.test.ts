import { OAuth2Server } from 'oauth2-mock-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { askServer } from '../../../../src/auth/askServer.ts';
import {
  type OAuth2Ports,
  type OAuth2Settings,
  oauth2Source,
} from '../../../../src/auth/sources/oauth2Source.ts';
import { isInteractive } from '../../../../src/auth/sources/tokenSource.ts';
import { decodeToken } from '../../../../src/jwt/decode.ts';
import { HttpTransport } from '../../../../src/node/httpTransport.ts';
import { startRedirectServer } from '../../../../src/node/redirectServer.ts';
import { systemClock } from '../../../../src/node/systemClock.ts';
import { NoTokenError } from '../../../../src/sse/connection.ts';
import { HttpServer } from '../../../support/httpServer.ts';

// Against an authorization server of other hands; its page sends the browser back at once.

const server = new OAuth2Server();
let issuer: string;
const transport = new HttpTransport();
const requests: { body: Record<string, string>; authorization: string | undefined }[] = [];

beforeAll(async () => {
  await server.issuer.keys.generate('RS256');
  await server.start(0, '127.0.0.1');
  issuer = `http://127.0.0.1:${server.address().port}`;
  server.issuer.url = issuer;
  server.service.on('beforeResponse', (_, request) => {
    requests.push({ body: request.body, authorization: request.headers.authorization });
  });
});

afterEach(() => {
  requests.length = 0;
});

afterAll(async () => {
  transport.dispose();
  await server.stop();
});

const signal = new AbortController().signal;

function make(settings: Partial<OAuth2Settings>, more: Partial<OAuth2Ports> = {}) {
  const masked: string[] = [];
  const approved: string[] = [];
  let refreshToken: string | undefined;
  const ports: OAuth2Ports = {
    ask: askServer({ transport, clock: systemClock }),
    tls: async () => undefined,
    secret: async () => 'the client secret',
    refreshToken: {
      read: async () => refreshToken,
      write: async (token) => {
        refreshToken = token;
      },
    },
    mask: (value) => void masked.push(value),
    approve: async (origin) => void approved.push(origin),
    browser: {
      // What a browser does that is sent to the sign-in page.
      async visit(pageOf) {
        const state = 'the-state';
        const landing = await startRedirectServer('/back', (query) => query.get('state') === state, 'Done');
        try {
          await fetch(await pageOf(landing.url, state));
          return { url: await landing.returned, redirectUri: landing.url, state };
        } finally {
          landing.close();
        }
      },
    },
    ...more,
  };
  const source = oauth2Source(
    'key',
    { grant: 'client_credentials', clientId: 'me', clientAuthentication: 'basic', issuer, ...settings },
    ports,
  );
  return {
    source,
    masked,
    approved,
    refreshTokenIs: (token: string | undefined) => {
      refreshToken = token;
    },
    refreshToken: () => refreshToken,
  };
}

describe('the grants', () => {
  it('client_credentials: the client itself, its secret in the header or in the body', async () => {
    for (const clientAuthentication of ['basic', 'post'] as const) {
      const { source, approved } = make({
        clientSecret: 'S',
        clientAuthentication,
        scope: 'events read',
        audience: 'https://api.test',
      });
      const { token, lifetimeMs } = await source.read(signal);
      expect(decodeToken(token).kind).toBe('jwt');
      expect(lifetimeMs).toBe(3_600_000);
      expect(approved).toEqual([issuer]);
      const { body, authorization } = requests.at(-1) ?? { body: {}, authorization: undefined };
      expect(body).toMatchObject({
        grant_type: 'client_credentials',
        scope: 'events read',
        audience: 'https://api.test',
      });
      if (clientAuthentication === 'basic')
        expect(authorization).toBe(`Basic ${btoa('me:the+client+secret')}`);
      else expect(body.client_secret).toBe('the client secret');
    }
  });

  it('refresh_token: the new one takes the place of the old one', async () => {
    const { source, refreshTokenIs, refreshToken } = make({ grant: 'refresh_token' });
    refreshTokenIs('old-refresh-token');
    await source.read(signal);
    expect(requests.at(-1)?.body).toMatchObject({
      grant_type: 'refresh_token',
      refresh_token: 'old-refresh-token',
      client_id: 'me',
    });
    expect(refreshToken()).not.toBe('old-refresh-token');
  });

  it('authorization_code: in the browser, with PKCE and state, and from then on without it', async () => {
    const { source, masked, refreshToken } = make({ grant: 'authorization_code', scope: 'openid' });
    await expect(source.read(signal)).rejects.toBeInstanceOf(NoTokenError);
    if (!isInteractive(source)) throw new Error('It can not sign in.');
    await source.signIn(signal);
    const body: Record<string, string> = requests.at(-1)?.body ?? {};
    // The server itself checked it against the challenge.
    expect(body).toMatchObject({ grant_type: 'authorization_code', code_verifier: expect.any(String) });
    expect(masked).toEqual([body.code, refreshToken()]);
    await source.read(signal);
    expect(requests.at(-1)?.body.grant_type).toBe('refresh_token');
  });

  it('a sign-in that is over has to be made again, and nothing of it is kept', async () => {
    const { source, refreshTokenIs, refreshToken } = make({ grant: 'authorization_code' });
    refreshTokenIs('over');
    server.service.once('beforeResponse', (response) => {
      response.statusCode = 400;
      response.body = { error: 'invalid_grant' };
    });
    await expect(source.read(signal)).rejects.toBeInstanceOf(NoTokenError);
    expect(refreshToken()).toBeUndefined();
  });

  it('a sign-in that comes back with a no, or with another state, gives nothing', async () => {
    const back = (query: string) =>
      make(
        { grant: 'authorization_code' },
        {
          browser: {
            visit: async () => ({
              url: new URL(`http://127.0.0.1:1/back?${query}`),
              redirectUri: 'http://127.0.0.1:1/back',
              state: 's',
            }),
          },
        },
      ).source;
    for (const [query, code] of [
      ['error=access_denied&error_description=No%20way&state=s', 'tokenServer.refused'],
      ['code=x&state=other', 'tokenServer.answer'],
      ['state=s', 'tokenServer.answer'],
    ] as const) {
      const source = back(query);
      if (!isInteractive(source)) throw new Error('It can not sign in.');
      await expect(source.signIn(signal)).rejects.toMatchObject({ code });
    }
    expect(requests).toEqual([]);
  });

  it('nothing goes to a token endpoint that the user does not want', async () => {
    const { source } = make({ clientSecret: 'S' }, { approve: async () => Promise.reject(new Error('no')) });
    await expect(source.read(signal)).rejects.toThrow('no');
    expect(requests).toEqual([]);
  });

  it.each([
    [400, { error: 'invalid_client', error_description: 'Unknown client' }, 'tokenServer.refused'],
    [401, { error: 'invalid_client' }, 'tokenServer.refused'],
    [500, {}, 'tokenServer.status'],
    [403, 'Forbidden', 'tokenServer.status'],
    [200, { access_token: '', token_type: 'Bearer' }, 'tokenServer.noToken'],
    [200, { access_token: 'a', token_type: 'Bearer', expires_in: 0 }, 'tokenServer.lifetime'],
    [200, { access_token: 'a', token_type: 'Bearer', expires_in: -1 }, 'tokenServer.lifetime'],
    [200, { access_token: 'a', token_type: 'DPoP' }, 'tokenServer.answer'],
    [200, { access_token: 'a' }, 'tokenServer.answer'],
    [200, { access_token: 'a b', token_type: 'Bearer' }, 'source.token'],
  ])('an answer of %i %o is told of', async (status, body, code) => {
    const { source } = make({});
    server.service.once('beforeResponse', (response) => {
      response.statusCode = status;
      response.body = body as never;
    });
    await expect(source.read(signal)).rejects.toMatchObject({ code });
  });
});

describe('metadata', () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  /** Metadata at a server of its own. */
  async function withMetadata(metadata: (origin: string) => object | string) {
    const host = await HttpServer.start((request, response) => {
      const body = metadata(new URL(host.url).origin);
      if (!request.url?.startsWith('/.well-known/')) return response.writeHead(404).end();
      return response
        .writeHead(200, { 'Content-Type': 'application/json' })
        .end(typeof body === 'string' ? body : JSON.stringify(body));
    });
    ends.push(() => host.close());
    return { host, ...make({ issuer: new URL(host.url).origin, clientSecret: 'S' }) };
  }

  it('that names an endpoint elsewhere has the user asked about that place', async () => {
    const { source, approved } = await withMetadata((origin) => ({
      issuer: origin,
      token_endpoint: `${issuer}/token`,
    }));
    await source.read(signal);
    expect(approved).toEqual([issuer]);
  });

  it.each([
    ['in the clear', 'http://elsewhere.test/token', 'tokenServer.insecure'],
    ['with a password in it', 'https://a:b@elsewhere.test/token', 'tokenServer.insecure'],
    ['that is none', 'nonsense', 'tokenServer.metadata'],
    ['of another kind', 'file:///etc/passwd', 'tokenServer.insecure'],
  ])('that names an endpoint %s is not followed', async (_, endpoint, code) => {
    const { source, approved } = await withMetadata((origin) => ({
      issuer: origin,
      token_endpoint: endpoint,
    }));
    await expect(source.read(signal)).rejects.toMatchObject({ code });
    expect(approved).toEqual([]);
  });

  it('of another issuer, or that is no metadata, is told of', async () => {
    for (const metadata of [
      { issuer: 'https://other.test', token_endpoint: 'https://other.test/t' },
      '<html>',
      '{}',
    ]) {
      const { source } = await withMetadata(() => metadata);
      await expect(source.read(signal)).rejects.toMatchObject({ code: 'tokenServer.metadata' });
    }
  });

  it('is looked for at both well-known places, and not needed where the settings say all', async () => {
    const { host, source } = await withMetadata((origin) => ({ issuer: origin }));
    await expect(source.read(signal)).rejects.toMatchObject({
      facts: { reason: 'it names no token_endpoint' },
    });
    const asked = host.requests.length;
    await make({ issuer: new URL(host.url).origin, tokenEndpoint: `${issuer}/token` }).source.read(signal);
    expect(host.requests).toHaveLength(asked);
  });
});

describe('the place where the browser comes back', () => {
  it('takes only what was sent for it, and is closed then', async () => {
    const landing = await startRedirectServer('/secret', (query) => query.get('state') === 'mine', 'Done');
    const { origin } = new URL(landing.url);
    for (const url of [
      `${origin}/`,
      `${origin}/secret`,
      `${origin}/secret?state=theirs`,
      `${origin}/favicon.ico`,
    ])
      expect((await fetch(url)).status).toBe(404);
    expect((await fetch(`${landing.url}?state=mine`, { method: 'POST' })).status).toBe(404);
    const page = await fetch(`${landing.url}?state=mine&code=1`);
    expect(await page.text()).toBe('Done');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect((await landing.returned).searchParams.get('code')).toBe('1');
    landing.close();
    await expect(fetch(landing.url)).rejects.toThrow();
  });
});
