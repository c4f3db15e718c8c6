import { createPrivateKey } from 'node:crypto';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { TlsOptions } from '../../../src/sse/transport.ts';
import { exchange, rawServer } from '../../support/exchange.ts';
import { makeTlsCertificates, type TlsCertificates } from '../../support/tlsCertificates.ts';

let certificates: TlsCertificates;
beforeAll(async () => {
  certificates = await makeTlsCertificates();
});

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Answers with the name of the client's certificate. */
async function serve(options: ServerOptions): Promise<string> {
  const server: Server = createServer(options, (request, response) => {
    const { subject } = (request.socket as import('node:tls').TLSSocket).getPeerCertificate();
    response.end(subject?.CN ?? 'nobody');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const get = (url: string, tls?: TlsOptions) => exchange(cleanups, { url, ...(tls ? { tls } : {}) });

describe('TLS', () => {
  it('trusts the CA it is given, shows its client certificate, and tells what it met', async () => {
    const { ca, server, client } = certificates;
    const url = await serve({ ...server, ca: ca.cert, requestCert: true, rejectUnauthorized: true });
    const { headCame, ended, text } = get(url, { ca: ca.cert, ...client });
    const { timing, connection } = await headCame;
    expect(await ended).toEqual({ kind: 'end' });
    expect(text()).toBe('a client');
    expect(timing?.tlsMs).toBeGreaterThan(0);
    expect(connection?.tls).toEqual({
      protocol: 'TLSv1.3',
      subject: 'CN=the test server',
      issuer: 'CN=SSE Debugger test CA',
      validTo: expect.stringMatching(/^\w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} GMT$/),
    });
    // No session is resumed: the next one verifies anew, and tells as much.
    const again = get(url, { ca: ca.cert, ...client });
    expect((await again.headCame).connection?.tls).toEqual(connection?.tls);
    await again.ended;
  });

  it('says that the server asks for a client certificate', async () => {
    const { ca, server } = certificates;
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const url = await serve({
        ...server,
        ca: ca.cert,
        requestCert: true,
        rejectUnauthorized: true,
        maxVersion,
      });
      const end = await get(url, { ca: ca.cert }).ended;
      expect(end).toMatchObject({ kind: 'error', error: 'tls' });
      expect(end.kind === 'error' && end.message).toMatch(/the server .*asks for a client certificate$/);
    }
  });

  it.each<[string, keyof TlsCertificates, boolean, string, string]>([
    [
      'a CA nobody knows',
      'server',
      false,
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'comes from a CA that is not trusted here',
    ],
    ['a self-signed one', 'selfSigned', false, 'DEPTH_ZERO_SELF_SIGNED_CERT', 'is self-signed'],
    ['an expired one', 'expired', true, 'CERT_HAS_EXPIRED', 'has expired'],
    [
      "another host's",
      'otherHost',
      true,
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'is not for 127.0.0.1 but for DNS:example.com',
    ],
  ])(
    'names the reason for refusing %s, also where it is taken all the same',
    async (_, name, trusted, code, words) => {
      const url = await serve(certificates[name]);
      const ca = trusted ? { ca: certificates.ca.cert } : {};
      const end = await get(url, ca).ended;
      expect(end).toMatchObject({ kind: 'error', error: 'tls', code });
      expect(end.kind === 'error' && end.message).toContain(`the certificate ${words}`);
      const { headCame, ended } = get(url, { ...ca, rejectUnauthorized: false });
      const { connection } = await headCame;
      expect(await ended).toEqual({ kind: 'end' });
      expect(connection?.tls?.unverified).toContain(`the certificate ${words}`);
    },
  );

  it('verifies whatever the environment says', async () => {
    const url = await serve(certificates.selfSigned);
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    // node warns of it.
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      expect(await get(url).ended).toMatchObject({ error: 'tls', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    } finally {
      warning.mockRestore();
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    }
  });

  it('names a server that speaks no TLS, and one that hangs up in the handshake', async () => {
    const http = await rawServer(cleanups, 'HTTP/1.1 400 Bad Request\r\n\r\n');
    expect(await get(http.replace('http:', 'https:')).ended).toMatchObject({
      error: 'tls',
      message: 'the server does not speak TLS there; perhaps the URL should begin with http',
    });
    const rude = await rawServer(cleanups, '', (socket) => void socket.end());
    expect(await get(rude.replace('http:', 'https:')).ended).toMatchObject({
      error: 'tls',
      message: 'the server closed the connection during the handshake',
    });
  });

  it('refuses texts that are no certificates and keys, and never shows them', () => {
    const { ca, client, server } = certificates;
    const url = 'https://127.0.0.1:1/';
    const encrypted = createPrivateKey(client.key)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' })
      .toString();
    expect(() => get(url, { ca: 'secret text' })).toThrow('The CA file holds no certificate in PEM form');
    expect(() => get(url, { cert: 'secret text', key: client.key })).toThrow(
      'The client certificate file holds no',
    );
    expect(() => get(url, { cert: client.cert })).toThrow('A client certificate needs its key');
    expect(() => get(url, { key: client.key })).toThrow('A client certificate needs its key');
    expect(() => get(url, { ...client, key: server.key })).toThrow('do not belong together');
    expect(() => get(url, { ...client, key: encrypted })).toThrow('is encrypted');
    for (const key of ['secret text', encrypted, ca.cert])
      expect(() => get(url, { ...client, key })).toThrow(/^The key of the client certificate (?!.*secret)/);
  });
});
