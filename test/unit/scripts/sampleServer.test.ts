import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { startSampleServer } from '../../../src/servers/sampleServer.ts';
import { bearer, readUntil, upTo } from '../../support/sampleServers.ts';

const script = join(import.meta.dirname, '../../../scripts/sampleServer.ts');
const cleanup: (() => unknown)[] = [];

afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

/** Starts it and waits for what it prints. */
async function start(...args: string[]) {
  const child = spawn(process.execPath, [script, '--port', '0', '--interval', '5', ...args]);
  cleanup.push(() => child.kill('SIGKILL'));
  let printed = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    printed += chunk;
    if (printed.includes('/health')) break;
  }
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] ?? 'none';
  return { child, printed, url };
}

async function failure(...args: string[]): Promise<{ code: number; stderr: string }> {
  const run = promisify(execFile)(process.execPath, [script, ...args]);
  return run.then(
    () => expect.unreachable('it started'),
    ({ code, stderr }) => ({ code, stderr }),
  );
}

describe('npm run sample-server', () => {
  it.skipIf(process.platform === 'win32')(
    'prints what works when it is pasted, and ends by Ctrl+C',
    async () => {
      const { child, printed, url } = await start();
      const token = /TOKEN=(\S+)/.exec(printed)?.[1] ?? '';
      await readUntil(`${url}/events/orders`, { headers: bearer(token) }, upTo(2));
      const publish = /curl -X POST (\S+\/publish) -d '(.*)'/.exec(printed) ?? [];
      expect((await fetch(publish[1] ?? '', { method: 'POST', body: publish[2] ?? '' })).status).toBe(200);
      const mint = /curl -X POST (\S+\/token) -d '(.*)'/.exec(printed) ?? [];
      const minted = await (await fetch(mint[1] ?? '', { method: 'POST', body: mint[2] ?? '' })).json();
      expect(minted.expiresIn).toBe(60);
      const exit = once(child, 'exit');
      child.kill('SIGINT');
      expect(await exit).toEqual([0, null]);
      await expect(fetch(url)).rejects.toThrow('fetch failed');
    },
  );

  it('lets everyone in with --no-auth', async () => {
    const { printed, url } = await start('--no-auth');
    expect(printed).toContain('Everyone is let in.');
    await readUntil(`${url}/events/orders`, {}, upTo(1));
  });

  it('has tokens verified by --webhook', async () => {
    const issuer = await startSampleServer();
    cleanup.push(() => issuer.dispose());
    const { url, printed } = await start('--webhook', `${issuer.url}/verify`);
    expect(printed).not.toContain('TOKEN=');
    await readUntil(`${url}/events/orders`, { headers: bearer(await issuer.mint()) }, upTo(1));
  });

  it('says in a sentence what is wrong', async () => {
    expect(await failure('--port', 'x')).toEqual({
      code: 1,
      stderr: '--port must be a whole number up to 65535, not "x".\n',
    });
    expect((await failure('--port', '65536')).stderr).toMatch(/^--port must be/);
    expect((await failure('--interval=-1')).stderr).toMatch(/^--interval must be/);
    expect((await failure('--webhook', 'https://issuer.example/')).stderr).toMatch(
      /^The webhook is on another machine/,
    );
    expect((await failure('--nonsense')).stderr).toMatch(/^Unknown option '--nonsense'/);
    const taken = await startSampleServer();
    cleanup.push(() => taken.dispose());
    expect((await failure('--port', `${taken.port}`)).stderr).toBe(`Port ${taken.port} is taken.\n`);
  });
});
