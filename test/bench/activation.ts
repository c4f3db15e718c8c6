// How long the extension takes to load and activate in the extension host of a real VS Code.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchChromium } from '../support/chromium.ts';
import { runExtensionTests } from '../support/vscodeHost/extensionTests.ts';
import { repositoryRoot } from '../support/vscodeHost/installServer.ts';
import { startServer } from '../support/vscodeHost/server.ts';
import type { Measure } from './measure.ts';

const rounds = 3;

// Runs in the extension host, each round in a new one: the extension is read and run there for the first time.
const script = `
exports.run = async () => {
  const extension = require('vscode').extensions.getExtension('sse-debugger.sse-debugger');
  if (extension.isActive) throw new Error('It was active before it was measured.');
  const start = performance.now();
  await extension.activate();
  require('node:fs').appendFileSync(process.env.SSE_DEBUGGER_BENCH, performance.now() - start + '\\n');
};
`;

/** Needs a production build in dist/. */
export async function measureActivation(): Promise<Measure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sse-debugger-bench-'));
  const results = join(folder, 'results.txt');
  const testsPath = join(folder, 'activate.cjs');
  await writeFile(testsPath, script);
  const server = await startServer();
  try {
    const browser = await launchChromium();
    try {
      for (let round = 0; round < rounds; round++) {
        await runExtensionTests({
          ...{ server, browser, folder, testsPath, extensionPath: repositoryRoot },
          env: { SSE_DEBUGGER_BENCH: results },
          timeoutMs: 60_000,
        });
      }
    } finally {
      await browser.close();
    }
    const times = (await readFile(results, 'utf8')).trim().split('\n').map(Number);
    const median = times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
    const value = Math.round(median * 10) / 10;
    return [{ name: 'activation in VS Code', value, unit: 'ms', better: 'lower', goal: 50 }];
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
