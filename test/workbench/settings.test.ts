import * as assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { makeTlsCertificates, type TlsCertificates } from '../support/tlsCertificates.ts';
import { change } from './change.ts';

// What only VS Code's own settings can show: where a relative path starts, and who may switch the certificate
// check off. A request that arrives at the server passed the check.

describe('certificates in the settings', () => {
  let certificates: TlsCertificates;
  let server: Server;
  let url: string;
  let folder: string;
  let requests = 0;
  let refusals = 0;
  let waiting: (() => void)[] = [];

  const wake = (): void => {
    const resolvers = waiting;
    waiting = [];
    for (const resolve of resolvers) resolve();
  };
  /** Connects, and resolves with what the server met: a request, or a client that hung up on its certificate. */
  async function outcome(): Promise<'request' | 'refused'> {
    requests = 0;
    refusals = 0;
    await vscode.commands.executeCommand('sseDebugger.connect', 'secure');
    while (requests + refusals === 0) await new Promise<void>((resolve) => waiting.push(resolve));
    await vscode.commands.executeCommand('sseDebugger.disconnect', 'secure');
    return requests > 0 ? 'request' : 'refused';
  }
  const configure = (tls: object | undefined, auth?: object) =>
    vscode.workspace
      .getConfiguration('sseDebugger')
      .update(
        'connections',
        [{ name: 'secure', url, policy: 'off', ...(tls ? { tls } : {}), ...(auth ? { auth } : {}) }],
        vscode.ConfigurationTarget.Workspace,
      );
  const check = (value: boolean | undefined) =>
    vscode.workspace
      .getConfiguration('sseDebugger')
      .update('tls.rejectUnauthorized', value, vscode.ConfigurationTarget.Global);

  before(async () => {
    certificates = await makeTlsCertificates();
    server = createServer(certificates.server, (_: IncomingMessage, response) => {
      requests++;
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: x\n\n');
      wake();
    });
    server.on('tlsClientError', () => {
      refusals++;
      wake();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
    await mkdir(join(folder, 'certs'), { recursive: true });
    await writeFile(join(folder, 'certs/ca.pem'), certificates.ca.cert);
    await vscode.extensions.getExtension('sse-debugger.sse-debugger')?.activate();
  });

  after(async () => {
    await check(undefined);
    await vscode.workspace
      .getConfiguration('sseDebugger')
      .update('connections', undefined, vscode.ConfigurationTarget.Workspace);
    await rm(join(folder, 'certs'), { recursive: true, force: true });
    server.closeAllConnections();
    server.close();
  });

  it('are found from the folder that is open', async () => {
    await configure(undefined);
    assert.equal(await outcome(), 'refused');
    await configure({ ca: 'certs/ca.pem' });
    assert.equal(await outcome(), 'request');
  });

  it('of the workspace are asked about by name before they vouch for who is sent a credential', async () => {
    const questions: string[] = [];
    const undo = change(
      vscode.window,
      'showWarningMessage',
      async (question: string, ...[, yes]: unknown[]) => {
        questions.push(question);
        return yes;
      },
    );
    try {
      const auth = { placement: 'header', token: { from: 'env', name: 'HOME' } };
      await configure({ ca: 'certs/ca.pem' }, auth);
      assert.equal(await outcome(), 'request');
      assert.equal(await outcome(), 'request');
      const { origin } = new URL(url);
      assert.deepEqual(questions, [
        `Trust the certificate file certs/ca.pem of this workspace for ${origin}?`,
        `Send the environment variable HOME to ${origin}?`,
      ]);
    } finally {
      undo();
    }
  });

  it('are checked until the user says otherwise, at the next attempt', async () => {
    await configure(undefined);
    await check(false);
    assert.equal(await outcome(), 'request');
    await check(undefined);
    assert.equal(await outcome(), 'refused');
  });

  it('are checked whatever a workspace says', async () => {
    await assert.rejects(
      async () =>
        vscode.workspace
          .getConfiguration('sseDebugger')
          .update('tls.rejectUnauthorized', false, vscode.ConfigurationTarget.Workspace),
      /only into User settings/,
    );
  });
});
