import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { eventStream, HttpServer } from '../support/httpServer.ts';
import { type JwtBackend, startJwtBackend } from '../support/peers/jwtBackend.ts';
import { change } from './change.ts';

// A sign-in as it is on the desktop, where the browser comes back to a port of this machine. VS Code lets tests change
// what it says of its surroundings; the browser is fetch, and the answer to every question is yes.

describe('a sign-in on the desktop', () => {
  let issuer: JwtBackend;
  let stream: HttpServer;
  const questions: string[] = [];
  const restore: (() => void)[] = [];
  const { promise: page, resolve: opened } = Promise.withResolvers<string>();

  before(async () => {
    issuer = await startJwtBackend({ intervalMs: 0 });
    stream = await HttpServer.start((_, response) =>
      response.writeHead(200, eventStream).write('data: x\n\n'),
    );
    const openExternal = async (url: string) => {
      opened(String(url));
      return true;
    };
    restore.push(
      change(vscode.env, 'remoteName', undefined),
      change(vscode.env, 'uiKind', vscode.UIKind.Desktop),
      change(vscode.env, 'openExternal', openExternal),
      change(vscode.window, 'showWarningMessage', async (question: string, ...[, yes]: unknown[]) => {
        questions.push(question);
        return yes;
      }),
    );
    await vscode.extensions.getExtension('sse-debugger.sse-debugger')?.activate();
    await configure([
      {
        name: 'signed in',
        url: stream.url,
        auth: {
          placement: 'header',
          token: { from: 'oauth2', grant: 'authorization_code', issuer: issuer.issuer, clientId: 'me' },
        },
      },
    ]);
  });

  after(async () => {
    for (const undo of restore.reverse()) undo();
    await vscode.commands.executeCommand('sseDebugger.disconnect', 'signed in');
    await configure(undefined);
    await stream.close();
    await issuer.dispose();
  });

  const configure = (connections: object[] | undefined) =>
    vscode.workspace
      .getConfiguration('sseDebugger')
      .update('connections', connections, vscode.ConfigurationTarget.Workspace);

  it('comes back to a port of this machine with PKCE and state, and the token is sent', async () => {
    const connected = vscode.commands.executeCommand('sseDebugger.connect', 'signed in');
    const { searchParams } = new URL(await page);
    const redirectUri = searchParams.get('redirect_uri') ?? '';
    assert.match(redirectUri, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{43}$/);
    assert.match(searchParams.get('state') ?? '', /^[\w-]{43}$/);
    assert.equal(searchParams.get('code_challenge_method'), 'S256');
    // Nobody else is let in meanwhile.
    assert.equal((await fetch(`${redirectUri}?code=forged&state=guessed`)).status, 404);
    const landed = await fetch(await page);
    assert.equal(landed.status, 200);
    assert.match(await landed.text(), /You can close this page/);
    await connected;
    await stream.until(() => stream.requests.length > 0);
    // The issuer has checked the verifier against the challenge.
    const body = issuer.tokenRequests.at(-1)?.body;
    assert.equal(body?.grant_type, 'authorization_code');
    assert.equal(body?.redirect_uri, redirectUri);
    assert.match(String(body?.code_verifier), /^[\w-]{43}$/);
    assert.match(stream.requests[0]?.headers.authorization ?? '', /^Bearer eyJ/);
    await assert.rejects(fetch(redirectUri));
  });

  it('was asked about by name: the client for the stream, and for its own server', () => {
    const client = `the tokens of the OAuth client me (${issuer.issuer})`;
    assert.deepEqual(questions, [
      `Send ${client} to ${new URL(stream.url).origin}?`,
      `Send ${client} to ${issuer.issuer}?`,
    ]);
  });

  it('is needed once: later tokens come without the browser', async () => {
    await vscode.commands.executeCommand('sseDebugger.refreshTokenNow', 'signed in');
    assert.equal(issuer.tokenRequests.at(-1)?.body.grant_type, 'refresh_token');
  });
});
