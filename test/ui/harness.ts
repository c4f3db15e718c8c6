import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { cacheFolder } from '../support/vscodeHost/installServer.ts';
import { startServer, type VscodeServer, workbenchUrl } from '../support/vscodeHost/server.ts';
import { Workbench } from './workbench.ts';

export interface UiOptions {
  /** The opened folder's .vscode/settings.json. */
  workspaceSettings?: Record<string, unknown>;
  /** User settings, on top of the quiet ones. */
  userSettings?: Record<string, unknown>;
  /** More files of the opened folder: content by relative path. */
  files?: Record<string, string>;
  /** With workspace trust the folder opens in Restricted Mode; without it, the default, it is trusted. */
  workspaceTrust?: boolean;
  /** Folders of further extensions. */
  extensions?: string[];
  /** Variables of the extension host. */
  env?: Record<string, string>;
  viewport?: { width: number; height: number };
}

/** A running VS Code with the packaged extension, a fresh workspace folder and a page that shows it. */
export interface Ui {
  readonly workbench: Workbench;
  readonly server: VscodeServer;
  readonly browser: Browser;
  readonly context: BrowserContext;
  /** The opened folder. */
  readonly folder: string;
  /** Ends browser and server and removes their folders. */
  stop(): Promise<void>;
}

/** Starts a VS Code with the packaged extension for one test file. `useUi` does it with the hooks of Vitest. */
export async function startUi(options: UiOptions = {}): Promise<Ui> {
  const vsix = process.env.SSE_DEBUGGER_VSIX;
  if (!vsix)
    throw new Error('SSE_DEBUGGER_VSIX names no .vsix: run the UI tests by Vitest, whose setup packs it.');
  const folder = await mkdtemp(join(tmpdir(), 'sse-debugger-ui-'));
  const settings = JSON.stringify(options.workspaceSettings ?? {}, null, 2);
  for (const [path, content] of Object.entries({ ...options.files, '.vscode/settings.json': settings })) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  const server = await startServer({
    frontEnd: 'codeServer',
    vsix,
    removeFolders: [folder],
    ...(options.userSettings ? { settings: options.userSettings } : {}),
    ...(options.workspaceTrust ? { workspaceTrust: true } : {}),
    ...(options.extensions ? { extensions: options.extensions } : {}),
    ...(options.env ? { env: options.env } : {}),
  });
  let browser: Browser | undefined;
  try {
    browser = await launchChromium();
    const context = await browser.newContext({
      viewport: options.viewport ?? { width: 1440, height: 900 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const workbench = new Workbench(await context.newPage());
    await workbench.open(workbenchUrl(server, folder));
    const opened = browser;
    return {
      ...{ workbench, server, browser, context, folder },
      async stop() {
        await opened.close();
        await server.stop();
      },
    };
  } catch (error) {
    await browser?.close();
    await server.stop();
    throw error;
  }
}

/**
 * Starts a VS Code before the tests of the calling file and stops it after them; after a failed test a screenshot
 * is left in .vscode-test/failures/. The returned function is for use inside tests and hooks.
 */
export function useUi(options: UiOptions | (() => UiOptions | Promise<UiOptions>) = {}): () => Ui {
  let ui: Ui | undefined;
  beforeAll(async () => {
    ui = await startUi(typeof options === 'function' ? await options() : options);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail' || !ui) return;
    const path = join(cacheFolder, 'failures', `${task.name.replace(/[^\w]+/g, '-').slice(0, 80)}.png`);
    await ui.workbench.screenshot(path).catch(() => undefined);
    console.log(`Screenshot of the failed test: ${path}`);
  });
  afterAll(async () => {
    await ui?.stop();
    ui = undefined;
  });
  return () => {
    if (!ui) throw new Error('VS Code runs only inside tests and hooks.');
    return ui;
  };
}
