import { type TokenSource, tokenFrom } from './tokenSource.ts';

export interface CommandSettings {
  /** The program and its arguments, as they are: no shell has a part in it. */
  command: readonly string[];
  /** The absolute path of the folder it runs in. */
  cwd: string;
}

/** Runs a program to its end. */
export interface CommandRunner {
  /** What it printed to stdout. Rejects with AppError `command.*` where it fails, takes too long or prints too much. */
  run(settings: CommandSettings, signal: AbortSignal): Promise<string>;
}

/** What a program prints. */
export function commandSource(key: string, settings: CommandSettings, runner: CommandRunner): TokenSource {
  return {
    kind: 'command',
    key,
    mints: false,
    canRefresh: true,
    async read(signal) {
      return { token: tokenFrom('command', await runner.run(settings, signal)) };
    },
  };
}
