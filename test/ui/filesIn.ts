import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** All files below a folder, by their paths. */
export async function filesIn(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return new Map(
    await Promise.all(
      paths.map(async (path) => [path, await readFile(path, 'latin1').catch(() => '')] as const),
    ),
  );
}
