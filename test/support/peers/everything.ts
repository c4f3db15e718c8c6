import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';

/** @modelcontextprotocol/server-everything over Streamable HTTP, with a session that is ready for calls. */
export interface Everything {
  /** Where calls are POSTed. */
  readonly url: string;
  readonly sessionId: string;
  /** What each request carries: content type, accepted types, session and protocol version. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * The body of a `tools/call` request, as JSON text, with a new request id each time. The answer is an event
   * stream: progress notifications where a token for them is given, then the result, then its end.
   */
  callBody(tool: string, args: Record<string, unknown>, progressToken?: string | number): string;
  /** Kills the child; resolves when it has exited. */
  dispose(): Promise<void>;
}

/** The tool that reports progress: `{ duration: seconds, steps }`. */
export const longRunningTool = 'trigger-long-running-operation';

const protocolVersion = '2025-06-18';
const startTries = 3;
const startTimeoutMs = 30_000;

export async function startEverything(): Promise<Everything> {
  const { child, port } = await startChild();
  const dispose = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  try {
    const url = `http://127.0.0.1:${port}/mcp`;
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const sessionId = await initialize(url, headers);
    const sessionHeaders = {
      ...headers,
      'mcp-session-id': sessionId,
      'mcp-protocol-version': protocolVersion,
    };
    await expectOk(await fetch(url, { method: 'POST', headers: sessionHeaders, body: notification() }));

    let requestId = 1;
    return {
      url,
      sessionId,
      headers: sessionHeaders,
      callBody(tool, args, progressToken) {
        requestId += 1;
        const meta = progressToken === undefined ? {} : { _meta: { progressToken } };
        const params = { name: tool, arguments: args, ...meta };
        return JSON.stringify({ jsonrpc: '2.0', id: requestId, method: 'tools/call', params });
      },
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function startChild(): Promise<{ child: ChildProcess; port: number }> {
  const require = createRequire(import.meta.url);
  const home = dirname(require.resolve('@modelcontextprotocol/server-everything/package.json'));
  for (let tries = 1; ; tries += 1) {
    const port = await freePort();
    const child = spawn(process.execPath, [join(home, 'dist/index.js'), 'streamableHttp'], {
      // In an extension host the executable is Electron's.
      env: { ...process.env, PORT: String(port), ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const killWithUs = (): void => void child.kill('SIGKILL');
    process.once('exit', killWithUs);
    child.once('exit', () => process.off('exit', killWithUs));
    const problem = await untilListening(child);
    if (problem === undefined) return { child, port };
    child.kill('SIGKILL');
    // The free port may have been taken in between.
    if (tries >= startTries || !problem.includes('already in use')) {
      throw new Error(`server-everything did not start: ${problem}`);
    }
  }
}

/** Resolves with nothing when the server listens, otherwise with what it said. */
function untilListening(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    let said = '';
    const timer = setTimeout(() => resolve(`nothing within ${startTimeoutMs} ms. ${said}`), startTimeoutMs);
    const settle = (problem?: string): void => {
      clearTimeout(timer);
      resolve(problem);
    };
    child.once('error', (error) => settle(error.message));
    child.once('exit', (code) => settle(`exit code ${code}. ${said}`));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000);
      if (said.includes(' listening on port ')) settle();
    });
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => probe.once('error', reject).listen(0, resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function initialize(url: string, headers: Record<string, string>): Promise<string> {
  const params = {
    protocolVersion,
    capabilities: {},
    clientInfo: { name: 'sse-debugger-tests', version: '1' },
  };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  const response = await expectOk(await fetch(url, { method: 'POST', headers, body }));
  const sessionId = response.headers.get('mcp-session-id');
  if (sessionId === null) throw new Error('server-everything gave no session id');
  return sessionId;
}

function notification(): string {
  return JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
}

/** The response, read to its end, if it says all is well. */
async function expectOk(response: Response): Promise<Response> {
  const body = await response.text();
  if (!response.ok) throw new Error(`server-everything answered ${response.status}: ${body.slice(0, 300)}`);
  return response;
}
