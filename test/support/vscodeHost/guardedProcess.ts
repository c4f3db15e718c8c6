import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const guard = fileURLToPath(new URL('guard.mjs', import.meta.url));

export interface GuardedProcessOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Folders that are removed when the process has ended. */
  removeFolders?: string[];
  /** Called with whatever the process writes to stdout and stderr. */
  onOutput?: (text: string) => void;
}

export interface GuardedProcess {
  /** Resolves with the exit code when the process and its folders are gone. */
  readonly ended: Promise<number>;
  /** Ends the process and all that it started. */
  stop(): Promise<void>;
}

/**
 * Starts a command that can't outlive this process: whatever way this process ends, the command's whole process
 * group ends with it, and its folders are removed.
 */
export function startGuarded(
  command: string,
  args: string[],
  options: GuardedProcessOptions = {},
): GuardedProcess {
  const { env = process.env, cwd, removeFolders = [], onOutput } = options;
  const child: ChildProcess = spawn(
    process.execPath,
    [guard, JSON.stringify(removeFolders), command, ...args],
    // A session of its own, so that a Ctrl+C in the terminal reaches only us; the guard follows.
    {
      env,
      ...(cwd === undefined ? {} : { cwd }),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      windowsHide: true,
    },
  );
  child.stdin?.on('error', () => undefined);
  const report = (data: Buffer) => onOutput?.(data.toString());
  child.stdout?.on('data', report);
  child.stderr?.on('data', report);
  const ended = new Promise<number>((resolve) => {
    child.on('error', () => resolve(127));
    child.on('exit', (code) => resolve(code ?? 1));
  });
  return {
    ended,
    async stop() {
      child.stdin?.end();
      await ended;
    },
  };
}
