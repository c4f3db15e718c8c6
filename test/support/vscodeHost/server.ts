import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { startGuarded } from './guardedProcess.ts';
import { installServer } from './installServer.ts';
import { quietSettings } from './quietSettings.ts';

const startTimeoutMs = 60_000;
let nextSocket = 0;

export interface ServerOptions {
  /**
   * `bare`: VS Code's own server. `codeServer`: with code-server's front end before it, where SecretStorage
   * survives a page reload and a restart of the server.
   */
  frontEnd?: 'bare' | 'codeServer';
  /** Kept when given, with its user settings; otherwise a new temporary folder, removed with the server. */
  userDataDir?: string;
  /** User settings, on top of the quiet ones. */
  settings?: Record<string, unknown>;
  /** With workspace trust every new folder opens in Restricted Mode; without it everything is trusted. */
  workspaceTrust?: boolean;
  /** 0, the default, takes a free port. */
  port?: number;
  /** Path of a .vsix to install before the start. */
  vsix?: string;
  /** Folders of further extensions that are there. */
  extensions?: string[];
  /** More folders to remove when the server has ended. */
  removeFolders?: string[];
  env?: NodeJS.ProcessEnv;
}

export interface VscodeServer {
  readonly port: number;
  readonly userDataDir: string;
  /** All that the server wrote to its console so far. */
  readonly output: () => string;
  readonly ended: Promise<number>;
  /** Ends the server with its extension hosts and removes its temporary folder. */
  stop(): Promise<void>;
}

/** Starts a VS Code server on 127.0.0.1, installed first where it isn't. It can't outlive this process. */
export async function startServer(options: ServerOptions = {}): Promise<VscodeServer> {
  const { serverMain, codeServerEntry } = await installServer();
  const userDataDir = options.userDataDir ?? (await mkdtemp(join(tmpdir(), 'sse-debugger-vscode-')));
  await writeUserSettings(userDataDir, options);
  // Not in the user data folder: the path of a socket has to be short.
  const socket = join(tmpdir(), `sse-debugger-${process.pid}-${(nextSocket++).toString(36)}.sock`);
  const folders = ['--user-data-dir', userDataDir, '--extensions-dir', join(userDataDir, 'extensions')];
  const bareFolders = [
    ...folders,
    '--server-data-dir',
    join(userDataDir, 'server'),
    '--accept-server-license-terms',
  ];
  const env = cleanEnvironment(options.env);
  // Before the first installation: from then on VS Code has a list, and what isn't in it isn't there.
  for (const extension of options.extensions ?? [])
    await cp(extension, join(userDataDir, 'extensions', basename(extension)), { recursive: true });
  if (options.vsix) await installVsix([serverMain, ...bareFolders], options.vsix, env);

  const port = String(options.port ?? 0);
  const flags = ['--reconnection-grace-time', '5'];
  if (!options.workspaceTrust) flags.push('--disable-workspace-trust');
  const bare = [
    ...[serverMain, '--host', '127.0.0.1', '--port', port, '--without-connection-token'],
    ...['--telemetry-level', 'off', ...bareFolders, ...flags],
  ];
  const codeServer = [
    ...[codeServerEntry, '--config', join(userDataDir, 'config.yaml'), '--auth', 'none'],
    ...['--bind-addr', `127.0.0.1:${port}`, '--session-socket', socket],
    ...['--disable-telemetry', '--disable-update-check', '--disable-proxy', '--ignore-last-opened'],
    ...['--disable-getting-started-override', ...folders, ...flags],
  ];
  let output = '';
  let onListening: (port: number) => void;
  const listening = new Promise<number>((resolve) => {
    onListening = resolve;
  });
  const guarded = startGuarded(process.execPath, options.frontEnd === 'codeServer' ? codeServer : bare, {
    env,
    removeFolders: [
      socket,
      ...(options.removeFolders ?? []),
      ...(options.userDataDir === undefined ? [userDataDir] : []),
    ],
    onOutput(text) {
      output += text;
      const match = /(?:agent listening on |server listening on http:\/\/127\.0\.0\.1:)(\d+)/.exec(output);
      if (match) onListening(Number(match[1]));
    },
  });
  const failed = guarded.ended.then((code) => {
    throw new Error(`The VS Code server ended with code ${code}:\n${output.slice(-3000)}`);
  });
  failed.catch(() => undefined);
  try {
    const actualPort = await Promise.race([listening, failed, timeout(() => output)]);
    return {
      port: actualPort,
      userDataDir,
      output: () => output,
      ended: guarded.ended,
      stop: () => guarded.stop(),
    };
  } catch (error) {
    await guarded.stop();
    throw error;
  }
}

/** The workbench's address for a folder, with a payload of extension-development entries where one is given. */
export function workbenchUrl(
  server: { port: number },
  folder?: string,
  payload?: [string, string][],
): string {
  const url = new URL(`http://127.0.0.1:${server.port}/`);
  if (folder === undefined) url.searchParams.set('ew', 'true');
  else url.searchParams.set('folder', folder);
  if (payload) url.searchParams.set('payload', JSON.stringify(payload));
  return url.href;
}

async function writeUserSettings(userDataDir: string, options: ServerOptions): Promise<void> {
  const trust = options.workspaceTrust
    ? { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never' }
    : { 'security.workspace.trust.enabled': false };
  const settings = { ...quietSettings, ...trust, ...options.settings };
  await mkdir(join(userDataDir, 'User'), { recursive: true });
  const file = join(userDataDir, 'User', 'settings.json');
  // What is there already may have been changed by the user.
  if (!existsSync(file)) await writeFile(file, JSON.stringify(settings, null, 2));
}

async function installVsix(server: string[], vsix: string, env: NodeJS.ProcessEnv): Promise<void> {
  let output = '';
  const install = startGuarded(process.execPath, [...server, '--install-extension', vsix, '--force'], {
    env,
    onOutput(text) {
      output += text;
    },
  });
  const code = await install.ended;
  if (code !== 0 || !output.includes('successfully installed')) {
    throw new Error(
      `Installing ${vsix} into the VS Code server failed with code ${code}:\n${output.slice(-3000)}`,
    );
  }
}

/** Without what would make this server a part of the VS Code in whose terminal the tests run. */
export function cleanEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...extra };
  for (const name of Object.keys(env)) {
    if (
      /^(VSCODE_|ELECTRON_|VITEST|NODE_OPTIONS$|NODE_ENV$|https?_proxy$|npm_(package|lifecycle)_)/i.test(name)
    ) {
      delete env[name];
    }
  }
  return env;
}

async function timeout(output: () => string): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, startTimeoutMs).unref());
  throw new Error(
    `The VS Code server didn't start within ${startTimeoutMs / 1000} s:\n${output().slice(-3000)}`,
  );
}
