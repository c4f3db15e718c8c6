import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exclusively } from '../exclusively.ts';

/** The root folder of this repository. */
export const repositoryRoot: string = fileURLToPath(new URL('../../../', import.meta.url)).replace(
  /[\\/]$/,
  '',
);
/** Where things fetched on first use are kept; ignored by git, safe to delete. */
export const cacheFolder: string = join(repositoryRoot, '.vscode-test');

const pinned = fileURLToPath(new URL('pinned/', import.meta.url));

export interface InstalledServer {
  /** VS Code's own server, started by Node 24. */
  serverMain: string;
  /** The front end that code-server puts before it: keeps secrets over a page reload. */
  codeServerEntry: string;
}

/**
 * Installs the VS Code server that the lockfile in pinned/ names into `.vscode-test/`, unless it is there. Needs
 * npm and its registry, no compiler and no install scripts.
 */
export async function installServer(): Promise<InstalledServer> {
  requireNode24();
  const folder = join(cacheFolder, 'vscode-server');
  const codeServer = join(folder, 'node_modules', 'code-server');
  const installed: InstalledServer = {
    serverMain: join(codeServer, 'lib/vscode/out/server-main.js'),
    codeServerEntry: join(codeServer, 'out/node/entry.js'),
  };
  const hash = await hashOfPinned();
  // Written last and removed first, so an install that was cut short is never taken for a finished one.
  const stamp = join(folder, 'installed.txt');
  const isInstalled = async () => (await readFile(stamp, 'utf8').catch(() => '')) === hash;
  if (await isInstalled()) return installed;
  await exclusively(
    `${folder}.lock`,
    'Waiting for another process that installs the VS Code server...',
    async () => {
      if (await isInstalled()) return;
      console.error(
        'Installing the VS Code server into .vscode-test/ (first use only, about 310 MB on disk)...',
      );
      const started = performance.now();
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      await cp(pinned, folder, { recursive: true });
      await npmCi(folder);
      await placeBrowserModules(folder, codeServer);
      await writeFile(stamp, hash);
      console.error(
        `The VS Code server is installed (${((performance.now() - started) / 1000).toFixed(0)} s).`,
      );
    },
  );
  return installed;
}

function requireNode24(): void {
  if (Number(process.versions.node.split('.')[0]) >= 24) return;
  throw new Error(
    `The VS Code server needs Node 24 and this is Node ${process.versions.node}: start it by an npm script of this project ("npm test"), which brings its own.`,
  );
}

async function hashOfPinned(): Promise<string> {
  const hash = createHash('sha256');
  const files = await readdir(pinned, { recursive: true, withFileTypes: true });
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  for (const path of paths.sort()) hash.update(await readFile(path));
  return hash.digest('hex');
}

async function npmCi(folder: string): Promise<void> {
  const env = { ...process.env };
  // What npm tells its scripts about this project isn't true of that one.
  for (const name of Object.keys(env))
    if (/^npm_(package|lifecycle)_|^npm_command$/.test(name)) delete env[name];
  const args = [
    'ci',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--include=optional',
  ];
  const npmCli = process.env.npm_execpath;
  const child = npmCli?.endsWith('.js')
    ? spawn(process.execPath, [npmCli, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    : spawn('npm', args, {
        cwd: folder,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        shell: process.platform === 'win32',
      });
  let output = '';
  const collect = (data: Buffer) => {
    output += data.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const started = performance.now();
  const progress = setInterval(() => {
    console.error(`  still installing (${((performance.now() - started) / 1000).toFixed(0)} s)...`);
  }, 10_000);
  const stopNpm = () => child.kill();
  process.once('exit', stopNpm);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (code !== 0)
      throw new Error(`"npm ci" for the VS Code server failed with code ${code}:\n${output.slice(-3000)}`);
  } finally {
    clearInterval(progress);
    process.off('exit', stopNpm);
  }
}

/** The workbench in the browser asks for these below the server's own folder; without them nothing is coloured. */
async function placeBrowserModules(folder: string, codeServer: string): Promise<void> {
  for (const name of ['vscode-oniguruma', 'vscode-textmate']) {
    const target = join(codeServer, 'lib/vscode/node_modules', name);
    await cp(join(folder, 'node_modules', name), target, { recursive: true });
  }
}
