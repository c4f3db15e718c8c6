// Runs test/workbench/**/*.test.ts inside the extension host of a real VS Code: of the VS Code server, or, with
// SSE_DEBUGGER_DESKTOP=1, of desktop VS Code. Writes the counts to the file that the first argument names.
import { rmSync } from 'node:fs';
import { glob, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { launchChromium } from '../support/chromium.ts';
import { onEndSignal } from '../support/endSignals.ts';
import { runExtensionTests } from '../support/vscodeHost/extensionTests.ts';
import { repositoryRoot } from '../support/vscodeHost/installServer.ts';
import { quietSettings } from '../support/vscodeHost/quietSettings.ts';
import { startServer } from '../support/vscodeHost/server.ts';
import { readMochaResults } from '../support/vscodeHost/testResults.ts';

const timeoutMs = 5 * 60_000;
const here = fileURLToPath(new URL('.', import.meta.url));

const testsPath = await bundleTests();
const temporary = await mkdtemp(join(tmpdir(), 'sse-debugger-workbench-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true, maxRetries: 10 }));
onEndSignal(() => process.exit(1));

const folder = join(temporary, 'workspace');
await mkdir(folder);
const results = join(temporary, 'results.jsonl');
const env = { SSE_DEBUGGER_TEST_RESULTS: results };
try {
  if (process.env.SSE_DEBUGGER_DESKTOP === '1') await runInDesktop(folder, env);
  else await runInServer(folder, env);
} catch (error) {
  console.log(` × ${error instanceof Error ? error.message : String(error)}`);
}
const counts = await readMochaResults(results);
if (process.argv[2]) await writeFile(process.argv[2], JSON.stringify(counts));
else console.log(counts);
process.exitCode = counts.failed > 0 ? 1 : 0;

/** Bundles all test files, found by their names, behind one `run()`. */
async function bundleTests(): Promise<string> {
  const files: string[] = [];
  for await (const file of glob('**/*.test.ts', { cwd: here })) files.push(`./${file.replaceAll('\\', '/')}`);
  const loads = files.sort().map((file) => `${JSON.stringify(file)}: () => import(${JSON.stringify(file)}),`);
  const outfile = join(repositoryRoot, 'dist/test/workbench.cjs');
  await build({
    stdin: {
      contents: `import { runMocha } from '../support/vscodeHost/runMocha.ts';
export const run = () => runMocha({ ${loads.join('\n')} });`,
      resolveDir: here,
      loader: 'ts',
    },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    external: ['vscode', 'mocha'],
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  await build({
    entryPoints: [join(repositoryRoot, 'test/support/proxyWorker.ts')],
    outfile: join(repositoryRoot, 'dist/test/proxyWorker.mjs'),
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    // It tells its errors apart by the names of their classes.
    keepNames: true,
    // What it bundles is CommonJS in part, and asks for Node's modules by require.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return outfile;
}

async function runInServer(folder: string, env: Record<string, string>): Promise<void> {
  const server = await startServer();
  try {
    const browser = await launchChromium();
    try {
      await runExtensionTests({
        ...{ server, browser, folder, env, timeoutMs, testsPath },
        extensionPath: repositoryRoot,
        onLog(type, args) {
          if (process.env.SSE_DEBUGGER_VERBOSE === '1') console.log(`   [${type}]`, ...args);
        },
      });
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
  }
}

async function runInDesktop(folder: string, env: Record<string, string>): Promise<void> {
  const { runTests } = await import('@vscode/test-electron');
  const userDataDir = join(temporary, 'user-data');
  await mkdir(join(userDataDir, 'User'), { recursive: true });
  await writeFile(join(userDataDir, 'User/settings.json'), JSON.stringify(quietSettings));
  await runTests({
    extensionDevelopmentPath: repositoryRoot,
    extensionTestsPath: testsPath,
    extensionTestsEnv: env,
    launchArgs: [
      ...[folder, '--user-data-dir', userDataDir, '--extensions-dir', join(temporary, 'extensions')],
      ...['--disable-workspace-trust', '--disable-extensions', '--disable-gpu'],
      // Chromium's sandbox refuses to run as root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  });
}
