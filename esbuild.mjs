// Builds the bundles of the extension host and its worker, and the panel's. `--watch` rebuilds, `--production` minifies.
// Each build leaves its metafile in dist/, where a test looks for what must not be bundled.
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import esbuild from 'esbuild';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');

/**
 * An import of VS Code's interface is a plain `require`: esbuild would copy the whole namespace for each file that has one.
 * @type {import('esbuild').Plugin}
 */
const plainVscode = {
  name: 'plain vscode',
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      return {
        loader: 'ts',
        contents: source.replace("import * as vscode from 'vscode';", "const vscode = require('vscode');"),
      };
    });
  },
};

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  metafile: true,
  logLevel: 'warning',
  legalComments: 'none',
};

const contexts = {
  host: {
    ...common,
    entryPoints: { extension: 'src/extension.ts', filterWorker: 'src/node/filterWorker.ts' },
    outExtension: { '.js': '.cjs' },
    outdir: 'dist',
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    external: ['vscode'],
    plugins: [plainVscode],
    // Of ES modules what isn't used is left out.
    mainFields: ['module', 'main'],
  },
  panel: {
    ...common,
    entryPoints: { main: 'media/main.ts', style: 'media/style.css' },
    outdir: 'dist/panel',
    platform: 'browser',
    target: 'es2022',
    format: 'esm',
    external: ['*.ttf'],
  },
};

if (!watch) await rm('dist', { recursive: true, force: true });
await mkdir('dist/panel', { recursive: true });
for (const file of ['codicon.css', 'codicon.ttf']) {
  await cp(`node_modules/@vscode/codicons/dist/${file}`, `dist/panel/${file}`);
}

for (const [name, options] of Object.entries(contexts)) {
  if (watch) {
    const context = await esbuild.context({ ...options, logLevel: 'info' });
    await context.watch();
  } else {
    const { metafile } = await esbuild.build(options);
    await writeFile(`dist/${name}.meta.json`, JSON.stringify(metafile));
  }
}
