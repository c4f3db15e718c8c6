// Runs inside the extension host, bundled with the test files: see test/workbench/run.ts.
import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type MochaModule from 'mocha';

declare const __filename: string;

/** One line of JSON per test, and `end` when the run came to its end. */
export type ResultLine =
  | { type: 'passed' | 'skipped'; title: string; ms: number }
  | { type: 'failed'; title: string; ms: number; message: string }
  | { type: 'end' };

/** Runs the test files with Mocha and rejects when a test failed. Results go to `SSE_DEBUGGER_TEST_RESULTS`. */
export async function runMocha(testFiles: Record<string, () => Promise<unknown>>): Promise<void> {
  const resultsFile = process.env.SSE_DEBUGGER_TEST_RESULTS;
  if (!resultsFile) throw new Error('SSE_DEBUGGER_TEST_RESULTS names no file for the results.');
  const report = (line: ResultLine) => appendFileSync(resultsFile, `${JSON.stringify(line)}\n`);
  // By require, and at run time: Mocha reads files of its own, so it isn't bundled.
  const loaded = createRequire(__filename)('mocha');
  const Mocha = (loaded.Mocha ?? loaded.default ?? loaded) as typeof MochaModule;
  const mocha = new Mocha({
    timeout: 30_000,
    reporter: silent as unknown as MochaModule.ReporterConstructor,
  });
  // Both vocabularies: describe and it are there, suite and test come with this.
  mocha.ui('tdd');
  for (const [file, load] of Object.entries(testFiles)) {
    mocha.suite.emit('pre-require', globalThis as unknown as MochaModule.MochaGlobals, file, mocha);
    await load();
  }
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    const title = (test: MochaModule.Runnable) => test.titlePath().join(' > ');
    runner.on('pass', (test) => report({ type: 'passed', title: title(test), ms: test.duration ?? 0 }));
    runner.on('pending', (test) => report({ type: 'skipped', title: title(test), ms: 0 }));
    runner.on('fail', (test, error) =>
      report({
        type: 'failed',
        title: title(test),
        ms: test.duration ?? 0,
        message: error.stack ?? String(error),
      }),
    );
  });
  report({ type: 'end' });
  if (failures > 0) throw new Error(`${failures} tests failed.`);
}

/** The runner outside prints the results. */
function silent(): void {}
