import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { curlSnippet } from '../../src/session/copyAs/curl.ts';
import { eventSourceSnippet } from '../../src/session/copyAs/eventSource.ts';
import { fetchSnippet } from '../../src/session/copyAs/fetch.ts';
import { goSnippet } from '../../src/session/copyAs/go.ts';
import { httpxSnippet, requestsSnippet } from '../../src/session/copyAs/python.ts';
import type { SnippetRequest } from '../../src/session/copyAs/snippetRequest.ts';

/** A kind of snippet and how a user would run it. */
export interface SnippetRunner {
  name: string;
  snippet(request: SnippetRequest): string;
  /** Why it can't run on this machine; undefined where it can. */
  missing(): string | undefined;
  start(snippet: string, env: Record<string, string>): Promise<Running>;
}

const root = dirname(dirname(import.meta.dirname));
/** Where there are no cookies but in a browser: those that one would send along. */
const eventSourceGlobal = `import { EventSource as Base } from 'eventsource';
globalThis.EventSource = class extends Base {
  constructor(url, init) {
    const cookie = init?.withCredentials ? { Cookie: process.env.BROWSER_COOKIE } : {};
    super(url, { ...init, fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...cookie } }) });
  }
};
`;

const bash: Pick<SnippetRunner, 'missing' | 'start'> = {
  missing: () => lack('bash', '-c', 'curl --version'),
  start: async (text, env) => new Running('bash', [], text, env),
};
const node = (prelude: string): Pick<SnippetRunner, 'missing' | 'start'> => ({
  missing: () => undefined,
  start: async (text, env) =>
    new Running(process.execPath, ['--input-type=module', '-'], prelude + text, env),
});
const python = (library: string): Pick<SnippetRunner, 'missing' | 'start'> => ({
  missing: () => lack('python3', '-c', `import ${library}`),
  start: async (text, env) => new Running('python3', ['-'], text, env),
});

export const snippetRunners: readonly SnippetRunner[] = [
  { name: 'cURL', snippet: curlSnippet, ...bash },
  { name: 'fetch', snippet: fetchSnippet, ...node('') },
  {
    name: 'EventSource',
    snippet: (request) => eventSourceSnippet(request, ['order.created', 'order.paid', 'price']),
    ...node(eventSourceGlobal),
  },
  { name: 'Python requests', snippet: requestsSnippet, ...python('requests') },
  { name: 'Python httpx', snippet: httpxSnippet, ...python('httpx') },
  {
    name: 'Go',
    snippet: goSnippet,
    missing: () => lack('go', 'version'),
    async start(text, env) {
      const folder = await mkdtemp(join(tmpdir(), 'snippet-'));
      await writeFile(join(folder, 'main.go'), text);
      const remove = () => rm(folder, { recursive: true, force: true });
      return new Running('go', ['run', join(folder, 'main.go')], '', env, remove);
    },
  },
];

function lack(command: string, ...args: string[]): string | undefined {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return undefined;
  } catch {
    return `this machine can't run: ${[command, ...args].join(' ')}`;
  }
}

/** A program and all that it starts, with what it prints. */
export class Running {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #cleanUp: () => Promise<void>;
  #out = '';
  #errors = '';
  #hasEnded = false;
  #changed = () => {};

  constructor(
    command: string,
    args: readonly string[],
    input: string,
    env: Record<string, string>,
    cleanUp = async () => {},
  ) {
    // A group of its own, so that what a shell started ends with it. No proxy stands before loopback.
    this.#process = spawn(command, args, {
      cwd: root,
      detached: true,
      env: { ...process.env, NO_PROXY: '*', ...env },
    });
    this.#cleanUp = cleanUp;
    this.#process.stdout?.setEncoding('utf8').on('data', (text) => {
      this.#out += text;
      this.#changed();
    });
    this.#process.stderr?.setEncoding('utf8').on('data', (text) => {
      this.#errors += text;
    });
    this.#ended = once(this.#process, 'close').then(() => {
      this.#hasEnded = true;
      this.#changed();
    });
    this.#process.stdin?.end(input);
  }

  /** Resolves with all that was printed once it has `enough`; rejects where the program ended before. */
  async until(enough: (out: string) => boolean): Promise<string> {
    while (!enough(this.#out)) {
      if (this.#hasEnded) throw new Error(`It ended.\n${this.#out}\n${this.#errors}`);
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
    return this.#out;
  }

  /** All that it prints until it ends by itself. */
  async output(): Promise<string> {
    await this.#ended;
    if (this.#process.exitCode !== 0) throw new Error(`It failed.\n${this.#errors}`);
    return this.#out;
  }

  async stop(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#process;
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
    await this.#ended;
    await this.#cleanUp();
  }
}
