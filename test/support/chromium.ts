import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';
import { exclusively } from './exclusively.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'msedge'];

const usualPlaces: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: ['/usr/bin/chromium', '/opt/google/chrome/chrome', '/snap/bin/chromium'],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].flatMap((variable) => {
    const folder = process.env[variable];
    if (!folder) return [];
    return [
      join(folder, 'Google/Chrome/Application/chrome.exe'),
      join(folder, 'Chromium/Application/chrome.exe'),
      join(folder, 'Microsoft/Edge/Application/msedge.exe'),
    ];
  }),
};

/**
 * The path of a Chromium or Chrome: the one named by the environment variable CHROMIUM, one that is there, or,
 * as root on Debian or Ubuntu, the distribution's package, which is installed first.
 */
export async function chromiumPath(): Promise<string> {
  const named = process.env.CHROMIUM;
  if (named) {
    if (isExecutable(named)) return named;
    throw new Error(
      `The environment variable CHROMIUM names ${named}, which isn't a program that can be run.`,
    );
  }
  const found = findChromium();
  if (found) return found;
  if (!canInstall()) throw missing();
  const lock = join(tmpdir(), 'sse-debugger-chromium.lock');
  return await exclusively(lock, 'Waiting for another process that installs Chromium...', async () => {
    const installedMeanwhile = findChromium();
    if (installedMeanwhile) return installedMeanwhile;
    await installFromDebian();
    const installed = findChromium();
    if (!installed) throw missing();
    return installed;
  });
}

/** Starts Chromium, headless unless told otherwise, quiet on the network, and usable as root. */
export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  return await chromium.launch({
    ...options,
    executablePath: options.executablePath ?? (await chromiumPath()),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(options.args ?? []),
    ],
  });
}

function findChromium(): string | undefined {
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) =>
      names.map((name) => join(folder, process.platform === 'win32' ? `${name}.exe` : name)),
    );
  return [...(usualPlaces[process.platform] ?? []), ...onPath].find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function missing(): Error {
  const how =
    process.platform === 'linux'
      ? 'install it (on Debian, as root: apt-get install chromium)'
      : 'install Google Chrome or Chromium';
  return new Error(
    `No Chromium or Chrome was found: ${how}, or name one in the environment variable CHROMIUM.`,
  );
}

function canInstall(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    return false;
  const release = readFileSync('/etc/os-release', 'utf8');
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release);
}

async function installFromDebian(): Promise<void> {
  // Without any font the pages have no text at all.
  const fonts = existsSync('/usr/share/fonts/truetype') ? [] : ['fonts-dejavu-core', 'fonts-liberation'];
  console.error('Installing Chromium by apt-get (first use only)...');
  await aptGet('update', '-q');
  await aptGet('install', '-y', '-q', '--no-install-recommends', 'chromium', ...fonts);
  console.error('Chromium is installed.');
}

/** Shows the lines that tell progress, and all of the output only when apt-get fails. */
async function aptGet(...args: string[]): Promise<void> {
  const options = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0'];
  const child = spawn('apt-get', [...options, ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let line = '';
  const onData = (data: Buffer) => {
    output += data.toString();
    const lines = (line + data.toString()).split('\n');
    line = lines.pop() ?? '';
    for (const each of lines)
      if (/^(Fetched|Need to get|Setting up chromium)/.test(each)) console.error(`  ${each}`);
  };
  child.stdout.on('data', onData);
  child.stderr.on('data', onData);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) {
    throw new Error(
      `"apt-get ${args.join(' ')}" failed with code ${code}; install Chromium by hand or name one in the environment variable CHROMIUM.\n${output.slice(-3000)}`,
    );
  }
}
