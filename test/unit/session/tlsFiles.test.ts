import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Redactor } from '../../../src/base/redaction.ts';
import { CaptureBudget } from '../../../src/capture/captureBudget.ts';
import type { ConnectionInput } from '../../../src/config/connectionSettings.ts';
import { readConnections } from '../../../src/config/readConnections.ts';
import { resolvePath } from '../../../src/node/files.ts';
import { HttpTransport } from '../../../src/node/httpTransport.ts';
import { Session } from '../../../src/session/session.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { sessionEdges } from '../../support/sessionEdges.ts';
import { makeTlsCertificates } from '../../support/tlsCertificates.ts';

let server: Server;
let folder: string;
let url: string;

beforeAll(async () => {
  const { ca, server: own, client } = await makeTlsCertificates();
  folder = await mkdtemp(join(tmpdir(), 'sse-debugger-tls-'));
  await writeFile(join(folder, 'ca.pem'), ca.cert);
  await writeFile(join(folder, 'client.pem'), `${client.cert}\n${client.key}`);
  server = createServer({ ...own, ca: ca.cert, requestCert: true, rejectUnauthorized: false });
  server.on('request', (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate();
    // 204 tells clients to stop: the session closes by itself.
    response.writeHead(204, `for ${subject?.CN ?? 'nobody'}`).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

/** Connects once and returns what it came to. */
async function connect(tls: ConnectionInput['tls'], verifies = true) {
  const { connections } = readConnections([
    {
      scope: 'workspace',
      value: [{ name: 'a', url, policy: 'off', ...(tls ? { tls } : {}) }],
      resolvePath: (path) => resolvePath(folder, path),
    },
  ]);
  const [settings] = connections;
  if (!settings) throw new Error('The settings are wrong.');
  const transport = new HttpTransport();
  const session = new Session(settings, {
    clock: new FakeClock(),
    random: () => 0,
    transport,
    tokens: { read: async () => undefined },
    redactor: new Redactor(),
    budget: new CaptureBudget(),
    ...sessionEdges(),
    verifiesCertificates: () => verifies,
  });
  try {
    const closed = new Promise<void>((resolve) => {
      session.onDidChange(() => session.state.kind === 'closed' && resolve());
    });
    session.connect();
    await closed;
    const { takesAnyCertificate } = session;
    const steps = Array.from({ length: session.capture.next }, (_, i) => session.capture.at(i));
    return { takesAnyCertificate, text: JSON.stringify([session.state, steps]) };
  } finally {
    session.dispose();
    transport.dispose();
  }
}

describe('a session over https', () => {
  it('trusts the CA of its settings and shows its own certificate, by relative paths', async () => {
    expect((await connect({ ca: 'ca.pem', cert: 'client.pem' })).text).toContain('for a client');
    expect((await connect({ ca: 'ca.pem' })).text).toContain('for nobody');
  });

  it('trusts nobody else, unless the check is switched off, which it says', async () => {
    const refused = await connect(undefined);
    expect(refused.text).toContain('"error":"tls"');
    expect(refused.takesAnyCertificate).toBe(false);
    const unchecked = await connect(undefined, false);
    expect(unchecked.text).toContain('for nobody');
    expect(unchecked.takesAnyCertificate).toBe(true);
  });

  it('names a file that is missing', async () => {
    expect((await connect({ ca: 'none.pem' })).text).toContain('file.missing');
  });
});
