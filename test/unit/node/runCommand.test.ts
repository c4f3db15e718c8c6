import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandRunner } from '../../../src/node/runCommand.ts';

// Real programs: Node itself, with a script in its arguments.

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'command-')));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const never = new AbortController().signal;

function run(script: string, ...args: string[]): Promise<string> {
  return commandRunner().run(
    { command: [process.execPath, '-e', script, '--', ...args], cwd: folder },
    never,
  );
}

/** Whether a process of that id is there. */
function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a command', () => {
  it('gives what it prints, trimmed, and gets its arguments as they are', async () => {
    await expect(run('console.log("\\n  " + process.argv[1] + "  ")', '$(id) "; *')).resolves.toBe(
      '$(id) "; *',
    );
  });

  it('runs where it should, without what VS Code tells its own processes', async () => {
    process.env.VSCODE_CANARY = 'x';
    process.env.CANARY_KEPT = 'y';
    try {
      const text = await run(
        'console.log(process.cwd(), process.env.VSCODE_CANARY, process.env.CANARY_KEPT)',
      );
      expect(text).toBe(`${folder} undefined y`);
    } finally {
      delete process.env.VSCODE_CANARY;
      delete process.env.CANARY_KEPT;
    }
  });

  it('is told of by how it ended, and by the first line that it wrote to stderr', async () => {
    const script =
      'console.log("secret-output"); console.error("\\n\\u001b[31mnot signed in\\nmore"); process.exit(3)';
    const error = await run(script).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'command.failed',
      facts: { outcome: 'exited with code 3', says: '[31mnot signed in' },
    });
    expect(JSON.stringify(error)).not.toContain('secret-output');
    await expect(
      run('process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 9e6)'),
    ).rejects.toMatchObject({
      facts: { outcome: 'was ended by SIGTERM', says: '' },
    });
  });

  it('that is not there is told of by its name', async () => {
    for (const command of [['no-such-program', 'secret'], [folder], ['a\0b'], ['']])
      await expect(commandRunner().run({ command, cwd: folder }, never)).rejects.toMatchObject({
        code: 'command.missing',
        facts: { command: command[0] },
      });
  });

  it('that floods is ended', async () => {
    await expect(run('for (;;) console.log("x".repeat(1000))')).rejects.toMatchObject({
      code: 'command.flood',
    });
    await expect(run('console.error("x".repeat(1e6)); console.log("token")')).resolves.toBe('token');
  });

  // On Windows a tree is ended by another program, whose end can't be awaited.
  it.skipIf(process.platform === 'win32')('that hangs is ended with all that it started', async () => {
    const pids = join(folder, 'pids');
    const child = `require('fs').appendFileSync(${JSON.stringify(pids)}, process.pid + '\\n'); setInterval(() => {}, 9e6)`;
    const script = `const { spawn } = require('child_process');
      const child = spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' });
      ${child}`;
    const abort = new AbortController();
    const running = commandRunner().run(
      { command: [process.execPath, '-e', script], cwd: folder },
      abort.signal,
    );
    const read = async () => (await readFile(pids, 'utf8').catch(() => '')).trim().split('\n').map(Number);
    while ((await read()).length < 2) await new Promise((resolve) => setImmediate(resolve));
    abort.abort(new Error('nobody waits'));
    await expect(running).rejects.toThrow('nobody waits');
    const all = await read();
    while (all.some(runs)) await new Promise((resolve) => setImmediate(resolve));
    const slow = commandRunner({ timeoutMs: 50 });
    await expect(
      slow.run({ command: [process.execPath, '-e', 'setInterval(() => {}, 9e6)'], cwd: folder }, never),
    ).rejects.toMatchObject({ code: 'command.slow', facts: { seconds: 0.05 } });
  });
});
