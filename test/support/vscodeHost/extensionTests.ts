import type { Browser, Page } from 'playwright-core';
import { type VscodeServer, workbenchUrl } from './server.ts';

export interface ExtensionTestOptions {
  server: VscodeServer;
  browser: Browser;
  /** The folder with the extension's package.json. */
  extensionPath: string;
  /** A CommonJS file that exports `run(): Promise<void>`. */
  testsPath: string;
  /** The folder that is opened. */
  folder: string;
  /** Added to the extension host's environment. */
  env?: Record<string, string>;
  timeoutMs: number;
  /** Called with what the extension host writes to its console. */
  onLog?: (type: string, args: unknown[]) => void;
}

/**
 * Runs a test module in the extension host of a VS Code that Chromium shows. Resolves with its exit code: 0, or 1
 * when `run()` rejected.
 */
export async function runExtensionTests(options: ExtensionTestOptions): Promise<number> {
  const { server, browser, extensionPath, testsPath, folder, env = {}, timeoutMs, onLog } = options;
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  try {
    const page = await context.newPage();
    await enableTestPayload(page);
    const exited = new Promise<number>((resolve, reject) => {
      const failSoon = setTimeout(() => {
        // A payload that VS Code doesn't take just opens the normal workbench: only the clock tells.
        reject(new Error(`The tests in the extension host didn't end within ${timeoutMs / 1000} s.`));
      }, timeoutMs);
      failSoon.unref();
      page
        .exposeFunction('codeAutomationExit', (code: number) => {
          clearTimeout(failSoon);
          resolve(code);
        })
        .catch(reject);
      page.on('crash', () => reject(new Error('The page with VS Code crashed.')));
    });
    exited.catch(() => undefined);
    await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => onLog?.(type, args));
    const remote = (path: string) => `vscode-remote://127.0.0.1:${server.port}${encodeURI(path)}`;
    const payload: [string, string][] = [
      ['extensionDevelopmentPath', remote(extensionPath)],
      ['extensionTestsPath', remote(testsPath)],
      ['extensionEnvironment', JSON.stringify(env)],
    ];
    await page.goto(workbenchUrl(server, folder, payload), { waitUntil: 'commit' });
    return await exited;
  } finally {
    await context.close();
  }
}

/**
 * VS Code takes the payload's extension-development entries only in its smoke-test mode, which suppresses toasts
 * and dialogs: set it in this page's configuration before the workbench reads it, not for the whole server.
 * (Rewriting the page by `page.route` would do too, but breaks the workbench's WebSockets.)
 */
async function enableTestPayload(page: Page): Promise<void> {
  await page.addInitScript(() => {
    if (window !== window.top) return;
    const observer = new MutationObserver(() => {
      const meta = document.getElementById('vscode-workbench-web-configuration');
      if (!meta) return;
      observer.disconnect();
      const configuration = JSON.parse(meta.getAttribute('data-settings') ?? '{}');
      configuration.developmentOptions = { ...configuration.developmentOptions, enableSmokeTestDriver: true };
      meta.setAttribute('data-settings', JSON.stringify(configuration));
    });
    observer.observe(document, { childList: true, subtree: true });
  });
}
