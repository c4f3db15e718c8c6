import { readFileSync, unlinkSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const heartbeatMs = 2_000;
const staleMs = 30_000;

/**
 * Runs `work` while no other process on this machine runs work under the same lock file. A lock whose owner
 * has died is taken over: the owner's pid is in the file, and the file's time is refreshed while it works.
 */
export async function exclusively<T>(lockFile: string, waiting: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(lockFile), { recursive: true });
  let told = false;
  while (!(await take(lockFile))) {
    if (await isStale(lockFile)) {
      await takeAway(lockFile);
      continue;
    }
    if (!told) console.log(waiting);
    told = true;
    await delay(500);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(lockFile, now, now).catch(() => undefined);
  }, heartbeatMs);
  const releaseNow = () => {
    try {
      if (readFileSync(lockFile, 'utf8') === String(process.pid)) unlinkSync(lockFile);
    } catch {
      // Already gone.
    }
  };
  process.once('exit', releaseNow);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.off('exit', releaseNow);
    releaseNow();
  }
}

async function take(lockFile: string): Promise<boolean> {
  try {
    await writeFile(lockFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function isStale(lockFile: string): Promise<boolean> {
  try {
    const [owner, { mtimeMs }] = await Promise.all([readFile(lockFile, 'utf8'), stat(lockFile)]);
    if (Date.now() - mtimeMs > staleMs) return true;
    // Empty: the owner is between creating and writing it.
    return owner !== '' && !isAlive(Number(owner));
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function takeAway(lockFile: string): Promise<void> {
  const aside = `${lockFile}.${process.pid}`;
  try {
    // A rename, since of two waiters that both saw the stale lock only one gets to move it.
    await rename(lockFile, aside);
    await rm(aside, { force: true });
  } catch {
    // Another waiter was faster.
  }
}
