// `npm start`: a VS Code with the extension, next to a sample server that it is set up to connect to.
// `-- --host desktop` and `-- --host server` choose the VS Code. Ctrl+C ends everything that was started.
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type SampleServer, startUsualSampleServer } from '../src/servers/sampleServer.ts';
import { onEndSignal } from '../test/support/endSignals.ts';
import { type GuardedProcess, startGuarded } from '../test/support/vscodeHost/guardedProcess.ts';
import { cacheFolder } from '../test/support/vscodeHost/installServer.ts';
import { quietSettings } from '../test/support/vscodeHost/quietSettings.ts';
import { cleanEnvironment, startServer, workbenchUrl } from '../test/support/vscodeHost/server.ts';
import { type DesktopVscode, findDesktopVscode } from './desktopVscode.ts';
import { packageExtension } from './package.ts';

const vscodePort = 8788;

const cleanups: (() => Promise<void>)[] = [];
let stopping = false;
onEndSignal(() => {
  if (stopping) return;
  console.log('\nStopping...');
  stop(0);
});

try {
  await start();
} catch (error) {
  if (!stopping) console.error(error instanceof Error ? error.message : error);
  await stop(1);
}

async function start(): Promise<void> {
  const { host } = parseArgs({ options: { host: { type: 'string' } } }).values;
  if (host !== undefined && host !== 'desktop' && host !== 'server') {
    throw new Error(`--host is "desktop" or "server", not "${host}".`);
  }
  const desktop = host === 'server' ? undefined : findDesktopVscode();
  if (host === 'desktop' && !desktop) {
    throw new Error('Desktop VS Code was not found here: install it, or start with "-- --host server".');
  }
  console.log('Building and packaging the extension...');
  const vsix = packageExtension();
  console.log('Starting the sample server...');
  const sample = await startUsualSampleServer();
  cleanups.push(() => sample.dispose());
  const folder = await writeSampleWorkspace(sample);
  console.log('Starting VS Code...');
  const { ended, where } = desktop
    ? await openDesktop(desktop, vsix, folder)
    : await openServer(vsix, folder);
  console.log(`
  VS Code         ${where}
  Sample stream   ${sample.url}/events/orders   (a connection to it is in the workspace's settings)
  Token to paste  ${await sample.mint()}
  Another token   curl -s -X POST ${sample.tokenUrl}

In VS Code press F1, run "SSE Debugger: Connect...", pick "sample orders" and paste the token.
Ctrl+C here stops everything.`);
  const code = await ended;
  if (stopping) return;
  console.log(`VS Code ended with code ${code}.`);
  await stop(code);
}

/** Ends everything in the reverse order of its start, then this process. */
async function stop(code: number): Promise<void> {
  stopping = true;
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup().catch((error) => console.error(error));
  process.exit(code);
}

async function writeSampleWorkspace(sample: SampleServer): Promise<string> {
  const folder = join(cacheFolder, 'sample-workspace');
  await mkdir(join(folder, '.vscode'), { recursive: true });
  const settings = {
    'sseDebugger.connections': [
      { name: 'sample orders', url: `${sample.url}/events/orders`, auth: { placement: 'header' } },
    ],
  };
  await writeFile(join(folder, '.vscode/settings.json'), `${JSON.stringify(settings, null, 2)}\n`);
  return folder;
}

interface OpenedVscode {
  /** For people: where to look. */
  where: string;
  ended: Promise<number>;
}

async function openServer(vsix: string, folder: string): Promise<OpenedVscode> {
  const server = await startServer({
    frontEnd: 'codeServer',
    userDataDir: join(cacheFolder, 'start-server'),
    port: await freePort(vscodePort),
    vsix,
  });
  cleanups.push(() => server.stop());
  return { where: `${workbenchUrl(server, folder)}   (open it in a browser)`, ended: server.ended };
}

async function openDesktop(desktop: DesktopVscode, vsix: string, folder: string): Promise<OpenedVscode> {
  const userDataDir = join(cacheFolder, 'start-desktop');
  await mkdir(join(userDataDir, 'User'), { recursive: true });
  await writeFile(join(userDataDir, 'User/settings.json'), JSON.stringify(quietSettings, null, 2));
  // Its own folders, so that nothing of the user's VS Code is touched.
  const folders = ['--user-data-dir', userDataDir, '--extensions-dir', join(userDataDir, 'extensions')];
  // Chromium's sandbox refuses to run as root.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  await runToEnd(desktop.cli, [...folders, ...asRoot, '--install-extension', vsix, '--force']);
  // The program itself, not the `code` command, which returns at once: its life is the window's.
  const window = startGuarded(
    desktop.program,
    [...folders, ...asRoot, '--disable-workspace-trust', '--new-window', folder],
    { env: cleanEnvironment() },
  );
  cleanups.push(() => window.stop());
  return { where: 'its window', ended: window.ended };
}

async function runToEnd(command: string, args: string[]): Promise<void> {
  let output = '';
  // A .cmd on Windows needs its interpreter.
  const [program, programArgs] =
    process.platform === 'win32' ? ['cmd.exe', ['/d', '/s', '/c', command, ...args]] : [command, args];
  const child: GuardedProcess = startGuarded(program, programArgs, {
    env: cleanEnvironment(),
    onOutput(text) {
      output += text;
    },
  });
  const code = await child.ended;
  if (code !== 0)
    throw new Error(`Installing the extension into VS Code failed with code ${code}:\n${output}`);
}

/** The preferred port, or another one where it is taken. */
async function freePort(preferred: number): Promise<number> {
  const probe = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(preferred, '127.0.0.1', () => resolve(true));
  });
  await new Promise((resolve) => probe.close(resolve));
  if (!isFree) console.log(`Port ${preferred} is taken: another one is used.`);
  return isFree ? preferred : 0;
}
