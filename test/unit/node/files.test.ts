import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTextFile, resolvePath } from '../../../src/node/files.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sse-debugger-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('files', () => {
  it('are read whole', async () => {
    await writeFile(join(folder, 'a.pem'), 'ä');
    expect(await readTextFile(join(folder, 'a.pem'))).toBe('ä');
  });

  it('that are missing, none, or too large are named', async () => {
    await writeFile(join(folder, 'big'), Buffer.alloc(1024 * 1024 + 1));
    const path = join(folder, 'none');
    await expect(readTextFile(path)).rejects.toMatchObject({ code: 'file.missing', facts: { path } });
    await expect(readTextFile(join(folder, 'big', 'x'))).rejects.toMatchObject({ code: 'file.missing' });
    await expect(readTextFile(folder)).rejects.toMatchObject({ code: 'file.unreadable' });
    await expect(readTextFile(join(folder, 'big'))).rejects.toMatchObject({ code: 'file.unreadable' });
  });

  it('are found from a folder, from home, or by their whole path', () => {
    expect(resolvePath(folder, 'certs/../a.pem')).toBe(join(folder, 'a.pem'));
    expect(resolvePath(folder, '~/a.pem')).toBe(join(homedir(), 'a.pem'));
    expect(resolvePath(folder, '~a.pem')).toBe(join(folder, '~a.pem'));
    expect(resolvePath('/elsewhere', join(folder, 'a.pem'))).toBe(join(folder, 'a.pem'));
  });
});
