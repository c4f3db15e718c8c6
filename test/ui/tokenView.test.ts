import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CompactEncrypt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, expect, it } from 'vitest';
import { mask } from '../../src/base/redaction.ts';
import { useUi } from './harness.ts';
import { Journey } from './journey.ts';
import { until } from './until.ts';

// What the Token view shows of tokens of every kind, before anything is sent.

const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
const jwk = { ...(await exportJWK(publicKey)), kid: 'main-2026' };
const inner = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJpbm5lciJ9.c2lnbmF0dXJlLW9mLWlubmVy';
const seconds = Math.floor(Date.now() / 1000);

const claims = {
  iss: 'https://issuer.example',
  sub: 'alice',
  aud: ['orders', 'billing'],
  scope: 'orders:read orders:write',
  permissions: ['refund', 'cancel'],
  roles: { orders: ['reader', 'writer'], billing: [] },
  upstream_token: inner,
  iat: seconds - 60,
};

function sign(more: object): Promise<string> {
  return new SignJWT({ ...claims, ...more })
    .setProtectedHeader({ alg: 'RS256', kid: 'main-2026' })
    .sign(privateKey);
}

const tokens: Record<string, string> = {
  valid: await sign({ exp: seconds + 3_000 }),
  expiring: await sign({ exp: seconds + 2_000 }),
  expired: await sign({ iat: seconds - 1_200, exp: seconds - 300 }),
  audience: await sign({ aud: 'inventory', exp: seconds + 3_000 }),
  opaque: '3f6c1c5e-9f0b-4c2e-8a77-1f5b7c0de001',
  encrypted: await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: 'enc-1' })
    .encrypt(new Uint8Array(32)),
};

let server: Server;
let asked = 0;

const ui = useUi(async () => {
  server = createServer((_, response) => {
    asked += 1;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    viewport: { width: 1440, height: 1100 },
    workspaceSettings: {
      'workbench.sideBar.location': 'left',
      'sseDebugger.connections': Object.keys(tokens).map((name) => ({
        name,
        url: 'https://api.example/events',
        auth: { placement: 'header' },
        // Those that are configured are checked by themselves; the one is checked by hand.
        ...(name === 'opaque' || name === 'encrypted'
          ? {}
          : { verify: { jwks: `http://127.0.0.1:${port}/jwks`, audience: 'orders' } }),
      })),
    },
  };
});
afterAll(() => server.close());
const journey = (): Journey => new Journey(ui().workbench);
const row = (text: string | RegExp) => journey().treeRow('Token', text);

async function setToken(name: string, token: string): Promise<void> {
  const { workbench } = ui();
  await workbench.ask('Set Token...', 'Pick a connection');
  await workbench.pickRow(name);
  await journey().giveToken(token);
}

async function select(name: string): Promise<void> {
  await journey().treeRow('Connections', name).click();
  await ui()
    .workbench.page.locator('.pane-header', { hasText: new RegExp(`Token\\s*${name}`, 'i') })
    .waitFor();
}

const clipboard = () => ui().workbench.page.evaluate(() => navigator.clipboard.readText());

it('says what is the matter with each token, before anything is sent', async () => {
  await ui().workbench.showViewContainer('SSE Debugger');
  // All rows have room then: those out of sight are not there.
  await ui().workbench.view('Lab').locator('.pane-header').click();
  for (const [name, token] of Object.entries(tokens)) await setToken(name, token);
  await select('valid');
  await row(/^Expires in .*/).waitFor();
  await row(/Signature.*valid, RS256, key main-2026/).waitFor();
  await select('expired');
  await row(/Expired \d+ m/).waitFor();
  // The signature is one thing, the time another.
  await row(/Signature.*valid/).waitFor();
  await select('audience');
  await row(/aud is "inventory"; the settings of the connection want "orders"/).waitFor();
  await select('opaque');
  await row(/Not a JWT/).waitFor();
  await select('encrypted');
  await row(/Encrypted \(JWE\)/).waitFor();
  expect(asked).toBe(1);
});

it('counts down, and opens what is nested', async () => {
  const { page } = ui().workbench;
  await select('valid');
  const countdown = row(/^Expires in/);
  const first = await countdown.innerText();
  await until('the countdown moves', async () => (await countdown.innerText()) !== first);
  await row(/Scope \(scope\)/).click();
  await row('orders:write').waitFor();
  await row(/Roles \(roles\)/).click();
  // What is open and selected stays so while the clock ticks.
  const second = await countdown.innerText();
  await until('the countdown moves', async () => (await countdown.innerText()) !== second);
  await row('orders:write').waitFor();
  expect(await page.locator('.monaco-list-row.selected', { hasText: 'Roles' }).count()).toBe(1);
});

it('explains a claim in its tooltip, and makes no link of what a token holds', async () => {
  const { page } = ui().workbench;
  await row(/Issued by/).hover();
  const hover = page.locator('.workbench-hover');
  await hover.getByText('Who made the token.').waitFor();
  const links = await hover.locator('a').allInnerTexts();
  expect(links).toEqual(['RFC 7519 section 4.1.1']);
  await journey().picture('token-tooltip');
  await page.keyboard.press('Escape');
});

it('copies a claim, and shows a credential only when it is told to', async () => {
  const { workbench } = ui();
  await row(/Subject \(sub\)/).click();
  await workbench.page.keyboard.press('Control+c');
  await until('the claim is copied', async () => (await clipboard()) === 'alice');
  const secret = row(/upstream_token/);
  expect(await secret.innerText()).toContain(mask);
  expect(await workbench.page.content()).not.toContain(inner);
  await secret.hover();
  await secret.getByRole('button', { name: 'Copy Claim' }).click();
  await until('the mask is copied', async () => (await clipboard()) === mask);
  await secret.hover();
  await secret.getByRole('button', { name: 'Reveal Claim' }).click();
  await row(new RegExp(inner.slice(0, 30))).waitFor();
  await secret.hover();
  await secret.getByRole('button', { name: 'Hide Claim' }).click();
  await secret.filter({ hasText: mask }).waitFor();
  expect(await workbench.page.content()).not.toContain(inner);
});

it('copies the token itself only after a question', async () => {
  const { workbench } = ui();
  const dialog = workbench.page.locator('.monaco-dialog-box');
  await workbench.runCommand('Copy Token');
  await dialog.getByText('Copy the token of "valid"?').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(await clipboard()).not.toContain(tokens.valid);
  await workbench.runCommand('Copy Token');
  await dialog.getByRole('button', { name: 'Copy', exact: true }).click();
  await until('the token is copied', async () => (await clipboard()) === tokens.valid);
});

it('verifies on demand, and says what came of it', async () => {
  const { workbench } = ui();
  const signature = row(/^Signature/);
  await signature.hover();
  await signature.getByRole('button', { name: 'Verify Token' }).click();
  await workbench.message(/The token of "valid": valid, RS256, key main-2026/);
  await workbench.clearMessages();
  await select('opaque');
  await workbench.runCommand('Verify Token');
  await workbench.message(/does not say what its token is checked with/);
  await workbench.clearMessages();
});

it('marks what another token has changed', async () => {
  await select('expiring');
  await ui().workbench.runCommand('Set Token...');
  const exp = Math.floor(Date.now() / 1000) + 240;
  await journey().giveToken(await sign({ exp, scope: 'orders:read refunds:write', jti: 'another' }));
  await row(/Token ID \(jti\).*added/).waitFor();
  await row(/Expires \(exp\).*changed/).waitFor();
  await row(/Scope \(scope\)/).click();
  await row(/refunds:write.*added/).waitFor();
  await row(/orders:write.*removed/).waitFor();
});

/** What each token's tree has and the others' have not. */
const signs: Record<string, RegExp> = {
  valid: /^Expires in [34]\d m/,
  expiring: /^Expires in [1-3] m/,
  expired: /^Expired/,
  audience: /inventory/,
  opaque: /Not a JWT/,
  encrypted: /Encrypted \(JWE\)/,
};

it('looks as VS Code does in each theme', { timeout: 240_000 }, async () => {
  const { workbench } = ui();
  for (const theme of ['Light Modern', 'Dark High Contrast', 'Dark Modern'] as const) {
    await workbench.setTheme(theme);
    for (const [name, sign] of Object.entries(signs)) {
      await select(name);
      await row(sign).waitFor();
      await journey().picture(`token-${name}-${theme.toLowerCase().replaceAll(' ', '-')}`);
    }
  }
});
