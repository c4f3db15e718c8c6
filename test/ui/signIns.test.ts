import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { type SampleServer, startSampleServer } from '../../src/servers/sampleServer.ts';
import { type JwtBackend, startJwtBackend } from '../support/peers/jwtBackend.ts';
import { secondLoopback } from '../support/secondLoopback.ts';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';

// Tokens that are had by signing in: with a provider of VS Code, and with OAuth 2 at oauth2-mock-server, whose page sends
// the browser back at once. What it hands out is taken by better-sse.

let sample: SampleServer;
let backend: JwtBackend;
/** VS Code in a browser would forward what is on 127.0.0.1. */
const hasSecondLoopback = await secondLoopback();

const ui = useUi(async () => {
  [sample, backend] = await Promise.all([
    startSampleServer(),
    startJwtBackend({ intervalMs: 0, ...(hasSecondLoopback ? { issuerHost: '127.0.0.2' } : {}) }),
  ]);
  const auth = (token: object) => ({ placement: 'header', token });
  const oauth2 = (grant: string, more: object = {}) =>
    auth({ from: 'oauth2', grant, issuer: backend.issuer, clientId: 'me', ...more });
  const account = auth({ from: 'session', provider: 'test-accounts', scopes: ['events'] });
  return {
    extensions: [fileURLToPath(new URL('../support/vscodeHost/signInProvider', import.meta.url))],
    userSettings: {
      'testAccounts.tokenUrl': sample.tokenUrl,
      'sseDebugger.connections': [
        { name: 'client', url: backend.url, auth: oauth2('client_credentials', { clientSecret: 'CLIENT' }) },
        { name: 'offline', url: backend.url, auth: oauth2('refresh_token') },
        { name: 'browser', url: backend.url, auth: oauth2('authorization_code', { scope: 'openid events' }) },
      ],
    },
    workspaceSettings: {
      'sseDebugger.connections': [{ name: 'account', url: `${sample.url}/events/orders`, auth: account }],
    },
  };
});
afterAll(async () => {
  await Promise.all([sample?.dispose(), backend?.dispose()]);
});
const journey = (): Journey => new Journey(ui().workbench);
const dialog = () => ui().workbench.page.locator('.monaco-dialog-box');

async function allow(what: string): Promise<void> {
  await dialog().getByText(what).waitFor();
  await dialog().getByRole('button', { name: 'Allow' }).click();
}

async function close(): Promise<void> {
  const { workbench } = ui();
  await workbench.runCommand('Disconnect');
  await journey().untilState('Disconnected');
  await workbench.clearMessages();
  await workbench.runCommand('View: Close All Editors');
}

it("sends the token of VS Code's own sign-in, once the user has allowed both", async () => {
  await ui().workbench.showViewContainer('SSE Debugger');
  await journey().connect('account');
  await allow('the token of your sign-in with test-accounts events');
  // The one that VS Code asks.
  await dialog().getByText("'SSE Debugger' wants to sign in using Test Accounts").waitFor();
  await journey().picture('sign-in-of-vscode');
  await dialog().getByRole('button', { name: 'Allow' }).click();
  await journey().untilState('Open');
  await journey().treeRow('Token', 'Expires in').waitFor();
  await close();
  // It is there now: nobody is asked.
  await journey().connect('account');
  await journey().untilState('Open');
  expect(await dialog().count()).toBe(0);
  await close();
});

it('has a token as the client itself', async () => {
  await journey().connect('client', 'theClientSecret');
  await allow(`the tokens of the OAuth client me (${backend.issuer})`);
  await journey().untilState('Open');
  const { body, authorization } = backend.tokenRequests.at(-1) ?? { body: {} };
  expect(body).toMatchObject({ grant_type: 'client_credentials' });
  expect(authorization).toBe(`Basic ${btoa('me:theClientSecret')}`);
  await ui().workbench.runCommand('Refresh Token Now');
  await journey().untilRow('step', /Token refreshed from the OAuth server.*jti changed/);
  await journey().expectNoSecret('theClientSecret');
  await close();
});

it('has a token by a refresh token, and keeps the one that takes its place', async () => {
  await journey().connect('offline', 'the-first-refresh-token');
  await journey().untilState('Open');
  expect(backend.tokenRequests.at(-1)?.body).toMatchObject({
    grant_type: 'refresh_token',
    refresh_token: 'the-first-refresh-token',
  });
  await ui().workbench.runCommand('Refresh Token Now');
  await journey().untilRow('step', 'Token refreshed');
  const { refresh_token } = backend.tokenRequests.at(-1)?.body ?? {};
  expect(refresh_token).toMatch(/^[\da-f-]{36}$/);
  await journey().expectNoSecret('the-first-refresh-token');
  await close();
});

it.skipIf(!hasSecondLoopback)(
  'has a token by a sign-in in the browser, which comes back to VS Code, and later ones without it',
  async () => {
    const { workbench, context } = ui();
    const opened = context.waitForEvent('page');
    await journey().connect('browser');
    await dialog().getByRole('button', { name: 'Open' }).click();
    const page = await opened;
    await page.waitForURL(/[?&]code=/);
    const back = new URL(page.url());
    expect(back.searchParams.get('state')).toMatch(/^[\w-]{43}$/);
    await page.close();
    await journey().untilState('Open');
    const { body } = backend.tokenRequests.at(-1) ?? { body: {} };
    // The server has checked the verifier against the challenge.
    expect(body).toMatchObject({
      grant_type: 'authorization_code',
      code: back.searchParams.get('code'),
      code_verifier: expect.stringMatching(/^[\w-]{43}$/),
    });
    await workbench.runCommand('Refresh Token Now');
    await journey().untilRow('step', 'Token refreshed');
    expect(backend.tokenRequests.at(-1)?.body).toMatchObject({ grant_type: 'refresh_token' });
    await journey().picture('sign-in-in-browser');
    await close();
  },
);
