import { describe, expect, it } from 'vitest';
import type { ApprovalRequest } from '../../../src/auth/approvals.ts';
import { AppError } from '../../../src/base/errors.ts';
import type { ConnectionInput } from '../../../src/config/connectionSettings.ts';
import { readConnections, type ScopedValue } from '../../../src/config/readConnections.ts';
import { makeRequest } from '../../../src/session/attemptRequest.ts';

const env: Record<string, string> = { TENANT: 'acme corp', BASE: 'https://api.example/v1', EMPTY: '' };
const secrets: Record<string, string> = { KEY: 's3cr3t/key' };
const pem = '-----BEGIN CERTIFICATE-----\n';
const both = `${pem}-----BEGIN PRIVATE KEY-----\n`;
const files: Record<string, string> = {
  '/w/ca.pem': pem,
  '/w/both.pem': both,
  '/k.pem': both,
  '/w/x': 'DER',
};

interface Options {
  scope?: ScopedValue['scope'];
  allows?: boolean;
  verifies?: boolean;
  lastEventId?: string;
}

async function make(
  input: Partial<ConnectionInput>,
  { scope = 'user', allows, verifies = true, lastEventId = '' }: Options = {},
) {
  const value = [{ name: 'c', url: 'https://h.example/', ...input }];
  const resolvePath = (path: string) => (path.startsWith('/') ? path : `/w/${path}`);
  const { connections, problems } = readConnections([{ scope, value, resolvePath }]);
  const [settings] = connections;
  if (!settings) throw new Error(problems[0]?.text);
  const asked: ApprovalRequest[] = [];
  const masked: string[] = [];
  const secretsRead: string[] = [];
  const ports = {
    variables: {
      env: (name: string) => env[name],
      secret: async (name: string) => {
        secretsRead.push(name);
        return secrets[name];
      },
    },
    approvals: {
      approve: async (request: ApprovalRequest) => {
        asked.push(request);
        return allows ?? true;
      },
    },
    files: {
      readText: async (path: string) => {
        const text = files[path];
        if (text === undefined) throw new AppError('file.missing', { path });
        return text;
      },
    },
    verifiesCertificates: () => verifies,
  };
  const request = makeRequest(settings, lastEventId, ports, (secret) => void masked.push(secret));
  return { request, asked, masked, secretsRead };
}

const failure = async (...args: Parameters<typeof make>) => {
  const { request, secretsRead } = await make(...args);
  const error = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(`No AppError: ${error}`);
  return { code: error.code, facts: error.facts, secretsRead };
};

describe('the request of an attempt', () => {
  it('has its variables filled in, and their values masked', async () => {
    const { request, asked, masked } = await make({
      url: '${env:BASE}/events/${env:TENANT}?key=${secret:KEY}',
      method: 'POST',
      headers: { 'X-Tenant': '${env:TENANT}', 'X-Empty': '${env:EMPTY}' },
      body: { tenant: '${env:TENANT}' },
    });
    expect(await request).toMatchObject({
      url: 'https://api.example/v1/events/acme%20corp?key=s3cr3t%2Fkey',
      headers: expect.arrayContaining([
        ['X-Tenant', 'acme corp'],
        ['X-Empty', ''],
        ['Content-Type', 'application/json'],
      ]),
      body: '{"tenant":"acme corp"}',
    });
    expect(asked).toEqual([]);
    // Where the request goes is no secret: it is asked about and shown.
    expect(masked).toEqual(['acme corp', 's3cr3t/key', '']);
  });

  it('is impossible where a variable has no value, and says which', async () => {
    expect(await failure({ headers: { 'X-A': '${env:NONE}' } })).toMatchObject({
      code: 'variable.unset',
      facts: { connection: 'c', name: 'NONE' },
    });
    expect(await failure({ url: '${env:NONE}/a' })).toMatchObject({ code: 'variable.unset' });
    expect(await failure({ body: '${secret:NONE}' })).toMatchObject({
      code: 'secret.missing',
      facts: { connection: 'c', name: 'NONE' },
    });
  });

  it.each([
    ['${env:TENANT}/a', 'url.unparsable'],
    ['ftp:${env:EMPTY}//h.example/', 'url.unparsable'],
    ['https://u:${env:TENANT}@h.example/', 'url.credentials'],
  ])(
    'is impossible where the URL is none once it is known, and shows it as written: %s',
    async (url, code) => {
      expect(await failure({ url })).toMatchObject({ code, facts: { url } });
    },
  );

  it('never goes where a value behind the host leads', async () => {
    env.COLON = 'https:';
    secrets.HOST = 'evil.example';
    expect((await failure({ url: '${env:COLON}/${secret:HOST}/' })).code).toBe('variable.destination');
  });
});

describe('what a repository settings send', () => {
  const input = {
    url: 'https://h.example/?t=${env:TENANT}',
    headers: { 'X-Api-Key': '${secret:KEY}' },
  };

  it.each(['workspace', 'folder'] as const)('is asked about by source and origin (%s)', async (scope) => {
    const { request, asked } = await make(input, { scope });
    await request;
    expect(asked).toEqual([
      {
        connection: 'c',
        origin: 'https://h.example',
        sources: [
          { kind: 'env', name: 'TENANT' },
          { kind: 'secret', name: 'KEY' },
        ],
      },
    ]);
  });

  it('stays here when it is refused, unread', async () => {
    expect(await failure(input, { scope: 'workspace', allows: false })).toEqual({
      code: 'approval.refused',
      facts: { connection: 'c', sources: '${env:TENANT}, ${secret:KEY}', origin: 'https://h.example' },
      secretsRead: [],
    });
  });

  it('is asked about also in a host, which the refusal does not keep', async () => {
    const refused = await failure({ url: '${env:BASE}/' }, { scope: 'folder', allows: false });
    expect(refused).toMatchObject({ code: 'approval.refused', facts: { origin: '${env:BASE}' } });
  });

  it('asks nothing where it sends nothing of the kind', async () => {
    const { request, asked } = await make(
      { tls: { ca: 'ca.pem', cert: 'both.pem' } },
      { scope: 'workspace' },
    );
    await request;
    expect(asked).toEqual([]);
  });

  it('asks by name, and again when it changes, before a CA of theirs vouches for who is sent a credential', async () => {
    const tls = { ca: 'ca.pem' };
    const auth = { placement: 'header' as const };
    const caOf = async (input: Partial<ConnectionInput>, options: Options) => {
      const { request, asked } = await make({ tls, ...input }, options);
      await request;
      return asked.flatMap(({ sources }) =>
        sources.filter(({ kind }) => kind === 'ca').map(({ name }) => name),
      );
    };
    const [asked, ...more] = await caOf({ auth }, { scope: 'workspace' });
    expect([asked, more]).toEqual([expect.stringMatching(/^\/w\/ca\.pem\n[\da-f]{64}$/), []]);
    expect(await caOf({ headers: { 'X-Api-Key': '${secret:KEY}' } }, { scope: 'folder' })).toEqual([asked]);
    const [changed] = await caOf({ auth, tls: { ca: 'both.pem' } }, { scope: 'workspace' });
    expect(changed?.split('\n')[1]).not.toBe(asked?.split('\n')[1]);
    expect(await caOf({ auth }, { scope: 'user' })).toEqual([]);
    expect(await failure({ tls, auth }, { scope: 'workspace', allows: false })).toMatchObject({
      code: 'approval.certificate',
      facts: { connection: 'c', path: '/w/ca.pem', origin: 'https://h.example' },
    });
  });

  it("is asked about for a client's key outside the folder, over https only", async () => {
    const tls = { cert: '/k.pem' };
    const { request, asked } = await make({ tls }, { scope: 'workspace' });
    await request;
    expect(asked[0]?.sources).toEqual([{ kind: 'file', name: '/k.pem' }]);
    const plain = await make({ url: 'http://h.example/', tls }, { scope: 'workspace' });
    expect(await plain.request).not.toHaveProperty('tls');
    expect(plain.asked).toEqual([]);
  });
});

it('sends an id of the server as it came, also where it looks like a variable', async () => {
  const { request } = await make({ headers: { 'X-Key': '${secret:KEY}' } }, { lastEventId: '${secret:KEY}' });
  expect((await request).headers).toContainEqual(['Last-Event-ID', '${secret:KEY}']);
});

describe('the certificates of an attempt', () => {
  it('are read from their files; one file may hold certificate and key', async () => {
    const { request } = await make({ tls: { ca: 'ca.pem', cert: 'both.pem' } });
    expect((await request).tls).toEqual({ ca: pem, cert: both, key: both });
    const apart = await make({ tls: { cert: 'ca.pem', key: '/k.pem' } });
    expect((await apart.request).tls).toEqual({ cert: pem, key: both });
  });

  it('are named where they are missing or no PEM text', async () => {
    expect(await failure({ tls: { ca: 'none.pem' } })).toMatchObject({
      code: 'file.missing',
      facts: { path: '/w/none.pem' },
    });
    expect(await failure({ tls: { ca: 'x' } })).toMatchObject({ code: 'file.notPem' });
  });

  it('of servers are checked unless the user switched that off', async () => {
    expect(await (await make({})).request).not.toHaveProperty('tls');
    expect((await (await make({}, { verifies: false })).request).tls).toEqual({ rejectUnauthorized: false });
  });
});
