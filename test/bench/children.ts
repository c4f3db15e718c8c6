import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Runs `work` with the base URL of the source of streams, a process of its own. */
export function withSource<T>(work: (url: string) => Promise<T>): Promise<T> {
  return withServer('sseSource.ts', [], (port) => work(`http://127.0.0.1:${port}`));
}

/** Runs `work` with the line that a script of this folder prints, which serves in a process of its own meanwhile. */
export async function withServer<T>(
  script: string,
  args: readonly string[],
  work: (line: string) => Promise<T>,
): Promise<T> {
  const { child, line } = start(script, args);
  try {
    return await work(await line);
  } finally {
    child.stdin?.end();
    if (child.exitCode === null) await once(child, 'exit');
  }
}

/** Runs a script of this folder in a process of its own; returns the numbers that it prints as JSON. */
export async function runChild(script: string, args: readonly string[]): Promise<Record<string, number>> {
  const { child, line } = start(script, args);
  const ended = once(child, 'exit');
  const text = await Promise.race([line, ended.then(() => undefined)]);
  child.stdin?.end();
  await ended;
  if (text === undefined) throw new Error(`${script} ended without a word.`);
  return JSON.parse(text) as Record<string, number>;
}

function start(script: string, args: readonly string[]): { child: ChildProcess; line: Promise<string> } {
  const child = spawn(process.execPath, ['--expose-gc', join(import.meta.dirname, script), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const line = once(createInterface(child.stdout), 'line').then(([text]) => text as string);
  return { child, line };
}
