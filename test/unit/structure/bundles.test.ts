import { builtinModules } from 'node:module';
import { dirname } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';

const root = dirname(dirname(dirname(import.meta.dirname)));

/** What a bundle is made of. Nothing is written. */
async function bundle(entry: string, platform: 'browser' | 'node'): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    logLevel: 'silent',
    outdir: 'dist',
    platform,
    format: platform === 'node' ? 'cjs' : 'esm',
    external: ['vscode', '*.ttf'],
  });
  return metafile;
}

function importsOf(metafile: Metafile): string[] {
  return Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.filter(({ external }) => external).map(({ path }) => path),
  );
}

function packagesOf(metafile: Metafile): Set<string> {
  const names = Object.keys(metafile.inputs).map(
    (path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1],
  );
  return new Set(names.filter((name) => name !== undefined));
}

describe('the bundles', () => {
  let panel: Metafile;
  let host: Metafile;
  let worker: Metafile;
  beforeAll(async () => {
    panel = await bundle('media/main.ts', 'browser');
    host = await bundle('src/extension.ts', 'node');
    worker = await bundle('src/node/filterWorker.ts', 'node');
  });

  it('the panel knows neither Node nor VS Code', () => {
    const known = new Set([...builtinModules, 'vscode']);
    expect(importsOf(panel).filter((path) => path.startsWith('node:') || known.has(path))).toEqual([]);
  });

  it('the panel holds nothing of src but the wire and what every room may use', () => {
    const rooms = Object.keys(panel.inputs).filter((path) => path.startsWith('src/'));
    expect(rooms.length).toBeGreaterThan(0);
    expect(rooms.filter((path) => !/^src\/(?:panelApi|base)\//.test(path))).toEqual([]);
  });

  it('the host leaves nothing out but VS Code and Node', () => {
    const known = new Set([...builtinModules, 'vscode']);
    expect(importsOf(host).filter((path) => !path.startsWith('node:') && !known.has(path))).toEqual([]);
  });

  it("the matcher's thread has nothing but itself", () => {
    expect(importsOf(worker)).toEqual(['node:worker_threads']);
  });

  it('neither holds an HTTP client of somebody else, or test code', () => {
    for (const metafile of [panel, host]) {
      const packages = packagesOf(metafile);
      for (const name of ['undici', 'eventsource', 'axios', 'node-fetch', 'got'])
        expect(packages).not.toContain(name);
      expect(Object.keys(metafile.inputs).filter((path) => /^(?:test|scripts)\//.test(path))).toEqual([]);
    }
    expect(packagesOf(host)).toContain('eventsource-parser');
    expect(importsOf(host)).not.toContain('undici');
  });

  it('the panel holds neither the stream engine nor the token library', () => {
    for (const name of ['eventsource-parser', 'jose']) expect(packagesOf(panel)).not.toContain(name);
  });
});
