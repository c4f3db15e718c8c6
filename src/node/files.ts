import { open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { AppError, errorText } from '../base/errors.ts';

/** Certificates with their chain are a few KiB. */
const maxBytes = 1024 * 1024;

/**
 * The text of a file. Rejects with AppError `file.missing`, or `file.unreadable` for what can't be read, is no
 * file or is larger than 1 MiB.
 */
export async function readTextFile(path: string): Promise<string> {
  try {
    const file = await open(path, 'r');
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw new AppError('file.unreadable', { path, reason: 'it is not a file' });
      if (stats.size > maxBytes) throw new AppError('file.unreadable', { path, reason: 'it is too large' });
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      throw new AppError('file.missing', { path }, { cause: error });
    }
    throw new AppError('file.unreadable', { path, reason: errorText(error) }, { cause: error });
  }
}

/** Makes a path of the settings absolute: "~/" is the user's home, anything relative starts at `folder`. */
export function resolvePath(folder: string, path: string): string {
  const home = /^~(?:[/\\]|$)/.exec(path);
  return home ? resolve(homedir(), path.slice(home[0].length)) : resolve(folder, path);
}
