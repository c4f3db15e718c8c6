import * as assert from 'node:assert/strict';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { exchange } from '../support/exchange.ts';
import { secondLoopback } from '../support/secondLoopback.ts';
import { makeTlsCertificates, type TlsCertificates } from '../support/tlsCertificates.ts';

// The transport with VS Code's own node:https, on 127.0.0.2: for 127.0.0.1 it does less than for the world.

describe('TLS in the extension host', () => {
  let certificates: TlsCertificates;
  let server: Server;
  let url: string;
  const cleanups: (() => void | Promise<void>)[] = [];

  before(async function () {
    if (!(await secondLoopback())) return this.skip();
    certificates = await makeTlsCertificates();
    const { ca, server: own } = certificates;
    const options = { ...own, ca: ca.cert, requestCert: true, rejectUnauthorized: true };
    server = createServer(options, (request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`data: ${(request.socket as TLSSocket).getPeerCertificate().subject.CN}\n\n`);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.2', resolve));
    url = `https://127.0.0.2:${(server.address() as AddressInfo).port}/events`;
  });

  after(() => {
    server?.closeAllConnections();
    server?.close();
  });

  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  it('trusts a private CA and shows the client certificate', async () => {
    const { ca, client } = certificates;
    const { headCame, ended, text } = exchange(cleanups, { url, tls: { ca: ca.cert, ...client } });
    assert.deepEqual(await ended, { kind: 'end' });
    assert.equal(text(), 'data: a client\n\n');
    const { timing, connection } = await headCame;
    assert.equal(connection?.remote, new URL(url).host);
    assert.equal(connection?.tls?.issuer, 'CN=SSE Debugger test CA');
    assert.equal(connection?.tls?.unverified, undefined);
    assert.ok((timing?.tlsMs ?? 0) > 0, JSON.stringify(timing));
  });

  it('refuses the certificate of a CA it was not given, and says why', async () => {
    const end = await exchange(cleanups, { url, tls: { ...certificates.client } }).ended;
    assert.equal(end.kind === 'error' && end.error, 'tls');
    assert.match(end.kind === 'error' ? end.message : '', /CA that is not trusted here/);
  });

  it('connects all the same when it is told to, and says what is wrong', async () => {
    const tls = { ...certificates.client, rejectUnauthorized: false };
    const { headCame, ended } = exchange(cleanups, { url, tls });
    assert.deepEqual(await ended, { kind: 'end' });
    assert.match((await headCame).connection?.tls?.unverified ?? '', /CA that is not trusted here/);
  });

  it('says that the server asks for a client certificate', async () => {
    const end = await exchange(cleanups, { url, tls: { ca: certificates.ca.cert } }).ended;
    assert.match(end.kind === 'error' ? end.message : '', /asks for a client certificate/);
  });
});
