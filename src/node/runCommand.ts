import { type ChildProcess, spawn } from 'node:child_process';
import type { CommandRunner } from '../auth/sources/commandSource.ts';
import { AppError } from '../base/errors.ts';
import { mask } from '../base/redaction.ts';

export interface RunnerOptions {
  /** Milliseconds that a program gets. */
  timeoutMs?: number;
}

const maxBytes = 64 * 1024;
const maxErrorLine = 300;

/** Runs programs without a shell, for their stdout: 30 s and 64 KiB are the most. They end with all they started. */
export function commandRunner({ timeoutMs = 30_000 }: RunnerOptions = {}): CommandRunner {
  return {
    run: ({ command: [program = '', ...args], cwd }, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        let child: ChildProcess;
        try {
          child = spawn(program, args, {
            cwd,
            env: ownEnvironment(),
            stdio: ['ignore', 'pipe', 'pipe'],
            windowsHide: true,
            // A group of its own, which is ended as one.
            detached: process.platform !== 'win32',
          });
        } catch {
          // A NUL in an argument, a script that only a shell can run.
          reject(new AppError('command.missing', { command: program }));
          return;
        }
        const out = new Output();
        const err = new Output();
        let over = false;
        const finish = (tell: () => void): void => {
          if (over) return;
          over = true;
          clearTimeout(timer);
          signal.removeEventListener('abort', abort);
          // Also what it left running behind it.
          endTree(child);
          tell();
        };
        const fail = (error: unknown): void => finish(() => reject(error));
        const abort = (): void => fail(signal.reason);
        const timer = setTimeout(
          () => fail(new AppError('command.slow', { command: program, seconds: timeoutMs / 1_000 })),
          timeoutMs,
        );
        signal.addEventListener('abort', abort);
        child.stdout?.on('data', (bytes: Buffer) => {
          if (!out.add(bytes))
            fail(new AppError('command.flood', { command: program, kilobytes: maxBytes / 1024 }));
        });
        child.stderr?.on('data', (bytes: Buffer) => err.add(bytes));
        child.on('error', () => fail(new AppError('command.missing', { command: program })));
        // "exit" comes before the last output; "close" never, where something it started keeps the pipe open.
        child.on('close', (code, killedBy) => {
          if (code === 0) finish(() => resolve(out.text().trim()));
          else {
            const outcome = code === null ? `was ended by ${killedBy}` : `exited with code ${code}`;
            fail(new AppError('command.failed', { command: program, outcome, says: firstLine(err.text()) }));
          }
        });
      }),
  };
}

/** Bytes up to a bound. */
class Output {
  readonly #chunks: Buffer[] = [];
  #length = 0;

  /** Returns false once there are too many; those aren't kept. */
  add(bytes: Buffer): boolean {
    this.#length += bytes.length;
    if (this.#length > maxBytes) return false;
    this.#chunks.push(bytes);
    return true;
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}

/** The environment without what VS Code's own processes are told with it. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:ELECTRON|VSCODE)_/.test(name)),
  );
}

function endTree({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true }).on(
      'error',
      () => {},
    );
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it runs any more.
  }
}

/** Long words with letters and digits: a program that fails may tell of the very token that nobody knows yet. */
const tokenLike = /(?=[\w~.+=-]*\d)(?=[\w~.+=-]*[A-Za-z])[\w~.+=-]{20,}/g;

function firstLine(text: string): string {
  const first = text.split(/[\r\n]/).find((each) => each.trim() !== '') ?? '';
  const line = first.slice(0, maxBytes).replace(tokenLike, mask);
  return line
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, maxErrorLine);
}
