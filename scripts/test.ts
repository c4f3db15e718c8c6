// `npm test`: runs all tiers, or those named (`npm test -- unit ui`), and ends with one line that counts them all.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { onEndSignal } from '../test/support/endSignals.ts';
import { packageExtension } from './package.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface Tier {
  name: string;
  needs?: 'build' | 'package';
  run(): Promise<Counts>;
}

const root = dirname(import.meta.dirname);

/** More failed files than this are no accident. */
const mostRunAgain = 3;
const npmScripts: Record<string, string> = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
).scripts;
const temporary = mkdtempSync(join(tmpdir(), 'sse-debugger-test-'));
const env: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}`,
};

const tiers: Tier[] = [
  { name: 'lint', run: () => runNpmScript('lint') },
  { name: 'types', run: () => runNpmScript('types') },
  { name: 'unit', needs: 'build', run: () => runVitest('unit') },
  { name: 'contract', run: () => runVitest('contract') },
  { name: 'webview', needs: 'build', run: () => runVitest('webview') },
  { name: 'workbench', needs: 'build', run: runWorkbench },
  { name: 'ui', needs: 'package', run: () => runVitest('ui') },
];

let running: ChildProcess | undefined;
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));
onEndSignal((signal) => {
  running?.kill(signal);
  process.exit(1);
});

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !tiers.some((tier) => tier.name === name));
if (unknown.length > 0) {
  console.error(
    `No such tier: ${unknown.join(', ')}. The tiers are ${tiers.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}

const total: Counts = { passed: 0, failed: 0, skipped: 0 };
const summary: string[] = [];
const prepared = new Set<string>();
for (const tier of tiers.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
  if (tier.needs && !prepared.has(tier.needs)) {
    prepared.add(tier.needs);
    const failed = await prepare(tier.needs);
    if (failed) count(tier.needs, { passed: 0, failed: 1, skipped: 0 }, 0);
  }
  console.log(`\n=== ${tier.name} ===`);
  const started = performance.now();
  let counts: Counts;
  try {
    counts = await tier.run();
  } catch (error) {
    console.log(`The tier broke off: ${error instanceof Error ? error.message : error}`);
    counts = { passed: 0, failed: 1, skipped: 0 };
  }
  // A tier that finds no test must not look like one that passes.
  if (counts.passed + counts.failed === 0) {
    console.log('No test ran.');
    counts.failed = 1;
  }
  count(tier.name, counts, performance.now() - started);
}
console.log(`\n${summary.join('\n')}`);
process.exitCode = total.failed > 0 ? 1 : 0;
process.stdout.write(`${total.passed} passed, ${total.failed} failed${skippedPart(total)}\n`);

function count(name: string, counts: Counts, ms: number): void {
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  const seconds = (ms / 1000).toFixed(1);
  summary.push(
    `  ${name}: passed ${counts.passed}, failed ${counts.failed}${skippedPart(counts)} in ${seconds} s`,
  );
}

function skippedPart({ skipped }: Counts): string {
  return skipped > 0 ? `, ${skipped} skipped` : '';
}

async function prepare(what: 'build' | 'package'): Promise<boolean> {
  console.log(`\n=== ${what} ===`);
  if (what === 'build') return (await run(npmScripts.build ?? '', [], { shell: true })) !== 0;
  try {
    env.SSE_DEBUGGER_VSIX = packageExtension();
    return false;
  } catch (error) {
    console.log(error instanceof Error ? error.message : error);
    return true;
  }
}

/** Lint and types: one test each. */
async function runNpmScript(name: string): Promise<Counts> {
  const code = await run(npmScripts[name] ?? '', [], { shell: true });
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

/**
 * A file that fails is run once more, alone and from its beginning: what a busy machine did to one run isn't what the
 * code does, and the summary names it. Where many fail, the code does it.
 */
async function runVitest(project: string): Promise<Counts> {
  const results = await vitestResults(project);
  const failed = results.filter(({ status }) => status === 'failed');
  if (failed.length === 0 || failed.length > mostRunAgain) return countResults(results);
  console.log(
    `\n=== ${project}: once more, alone: ${failed.map(({ name }) => relative(root, name)).join(', ')} ===`,
  );
  const again = await vitestResults(
    project,
    failed.map(({ name }) => name),
  );
  for (const { name, status } of again)
    if (status === 'passed')
      summary.push(`  ${project}: ${relative(root, name)} failed first, passed once more`);
  return countResults([...results.filter((result) => !failed.includes(result)), ...again]);
}

async function vitestResults(project: string, files: string[] = []): Promise<VitestResult[]> {
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
  const file = join(temporary, `${project}.json`);
  rmSync(file, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const code = await run(process.execPath, [vitest, 'run', '--project', project, ...reporters, ...files]);
  const results: VitestResult[] = JSON.parse(readFileSync(file, 'utf8')).testResults;
  // An unhandled rejection, say, fails no file.
  if (code !== 0 && !results.some(({ status }) => status === 'failed'))
    throw new Error(`Vitest ended with ${code}, though no file failed.`);
  return results;
}

function countResults(results: VitestResult[]): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { status, assertionResults } of results) {
    const failed = assertionResults.filter((test) => test.status === 'failed').length;
    // A file that fails outside its tests, in an import or a hook, has no failed test to be counted.
    counts.failed += status === 'failed' ? Math.max(1, failed) : 0;
    const passed = assertionResults.filter((test) => test.status === 'passed').length;
    counts.passed += passed;
    counts.skipped += assertionResults.length - failed - passed;
  }
  return counts;
}

interface VitestResult {
  /** The file, absolute. */
  name: string;
  status: string;
  assertionResults: { status: string }[];
}

async function runWorkbench(): Promise<Counts> {
  const file = join(temporary, 'workbench.json');
  const code = await run(process.execPath, [join(root, 'test/workbench/run.ts'), file]);
  const counts: Counts = JSON.parse(readFileSync(file, 'utf8'));
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

async function run(command: string, args: string[], options: { shell?: boolean } = {}): Promise<number> {
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'], ...options });
  running = child;
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}
