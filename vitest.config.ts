import { defineConfig } from 'vitest/config';

// `vitest run --dir test/unit/sse` means that folder alone, and a project with a folder of its own would ignore it.
const dirAt = process.argv.indexOf('--dir');
const dir = dirAt === -1 ? undefined : process.argv[dirAt + 1];
const isAsked = (folder: string) => dir === undefined || `${dir}/`.startsWith(`${folder}/`);

// One project per tier that Vitest runs: `vitest run --project unit`. Test files are found by name.
const projects = [
  {
    extends: true as const,
    test: { name: 'unit', dir: 'test/unit', testTimeout: 20_000 },
  },
  {
    extends: true as const,
    test: { name: 'contract', dir: 'test/contract', testTimeout: 20_000, maxConcurrency: 20 },
  },
  {
    extends: true as const,
    test: { name: 'webview', dir: 'test/webview', testTimeout: 60_000, hookTimeout: 120_000 },
  },
  {
    extends: true as const,
    test: {
      name: 'ui',
      dir: 'test/ui',
      globalSetup: 'test/ui/globalSetup.ts',
      testTimeout: 120_000,
      hookTimeout: 180_000,
      // Each file has a VS Code server and a browser of its own: one at a time is faster on a small machine.
      fileParallelism: false,
    },
  },
];

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    projects: projects
      .filter(({ test }) => isAsked(test.dir))
      .map((project) => ({ ...project, test: { ...project.test, dir: dir ?? project.test.dir } })),
  },
});
