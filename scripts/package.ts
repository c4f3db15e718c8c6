// `npm run package`: a production build, packed into dist/sse-debugger.vsix.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(import.meta.dirname);
const vsix = join(root, 'dist/sse-debugger.vsix');

/** Builds and packs the extension; resolves with the path of the .vsix. Throws with the tools' output. */
export function packageExtension(): string {
  run([join(root, 'esbuild.mjs'), '--production']);
  // The command line of vsce: run by its own file, since a shim in node_modules/.bin isn't the same on Windows.
  const vsce = join(dirname(createRequire(import.meta.url).resolve('@vscode/vsce/package.json')), 'vsce');
  const unasked = [
    '--no-dependencies',
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
    '--skip-license',
  ];
  run([vsce, 'package', ...unasked, '--out', vsix]);
  return vsix;
}

function run(args: string[]): void {
  // No standard input, so that vsce never waits for an answer.
  const { status, stdout, stderr, error } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (status === 0) return;
  throw new Error(
    `"node ${args.join(' ')}" failed: ${error?.message ?? `code ${status}`}\n${stdout}${stderr}`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const path = packageExtension();
    console.log(`${path} (${(statSync(path).size / 1024).toFixed(0)} KiB)`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
