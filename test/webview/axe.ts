import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { FakeHost } from './fakeHost.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe finds wrong, one line each. Its script is evaluated by the debugger: the page's policy forbids it a tag. */
export async function violations(host: FakeHost): Promise<string[]> {
  await host.page.evaluate(await readFile(axePath, 'utf8'));
  return host.page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
    const results = await axe.run(document, { resultTypes: ['violations'] });
    return results.violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`),
    );
  });
}
