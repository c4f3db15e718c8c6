// `npm run contract`: the test-service protocol of launchdarkly/sse-contract-tests (its docs/service_spec.md) over
// the engine that the extension runs. On 127.0.0.1 at PORT, 8000 unless told; `DELETE /` ends it.
import { isUtf8 } from 'node:buffer';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorText } from '../../src/base/errors.ts';
import { Redactor } from '../../src/base/redaction.ts';
import { CaptureBudget } from '../../src/capture/captureBudget.ts';
import { MemoryCookieJar } from '../../src/node/cookieJar.ts';
import { readTextFile } from '../../src/node/files.ts';
import { HttpTransport } from '../../src/node/httpTransport.ts';
import { systemClock } from '../../src/node/systemClock.ts';
import type { SessionPorts } from '../../src/session/session.ts';
import { OriginGate } from '../../src/sse/originGate.ts';
import { WakeWatch } from '../../src/sse/wakeWatch.ts';
import { onEndSignal } from '../support/endSignals.ts';
import { sourceEdges } from '../support/sessionEdges.ts';
import { ContractStream } from './contractStream.ts';
import { BadRequest, parseJson, readCreateRequest } from './createRequest.ts';

/** Every capability that the suite's documents and sources name, under former names, too. */
export const capabilities = [
  'bom',
  'comments',
  'empty-or-missing-location',
  'event-type-listeners',
  'headers',
  'last-event-id',
  'payload-size-stress-testable',
  'post',
  'read-timeout',
  'report',
  'restart',
  'server-directed-shutdown-request',
  '204',
];

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export class ContractService {
  /** Resolves when the service has ended: all streams closed, no socket left. */
  readonly ended: Promise<void>;
  readonly #server: http.Server;
  readonly #transport = new HttpTransport();
  /** What the sessions share, as in the extension. There is no user here: no tokens, no secrets, no approvals. */
  readonly #ports: SessionPorts = {
    clock: systemClock,
    random: Math.random,
    transport: this.#transport,
    tokens: { read: async () => undefined },
    redactor: new Redactor(),
    budget: new CaptureBudget(),
    variables: { env: () => undefined, secret: async () => undefined },
    approvals: { approve: async () => false, isApproved: () => false },
    files: { readText: readTextFile },
    newCookieJar: () => new MemoryCookieJar(),
    sources: sourceEdges(systemClock),
    gate: new OriginGate(systemClock),
    wake: new WakeWatch(systemClock),
    verifiesCertificates: () => true,
    isUtf8,
    sentenceOf: errorText,
    assertAllowed: () => {},
  };
  readonly #agent = new http.Agent({ keepAlive: true });
  readonly #streams = new Map<string, ContractStream>();
  #created = 0;

  private constructor() {
    this.#server = http.createServer((request, response) => void this.#serve(request, response));
    this.ended = new Promise((resolve) => this.#server.on('close', resolve));
  }

  static async start(port: number): Promise<ContractService> {
    const service = new ContractService();
    await new Promise<void>((resolve, reject) => {
      service.#server.on('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const stream of this.#streams.values()) stream.dispose();
    this.#streams.clear();
    this.#transport.dispose();
    this.#agent.destroy();
    this.#server.close();
    this.#server.closeAllConnections();
    await this.ended;
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://service').pathname;
    let answer: Answer;
    try {
      const body = await readBody(request);
      answer = path === '/' ? this.#onService(request, body) : this.#onStream(request, path, body);
    } catch (error) {
      const status = error instanceof BadRequest ? 400 : 500;
      answer = { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: errorText(error) };
    }
    const isLast = path === '/' && request.method === 'DELETE';
    response.writeHead(answer.status, answer.headers).end(answer.body, () => {
      if (isLast) void this.close();
    });
  }

  #onService(request: http.IncomingMessage, body: string): Answer {
    switch (request.method) {
      case 'GET':
        return {
          status: 200,
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ name: 'sse-debugger', capabilities }),
        };
      case 'POST': {
        const create = readCreateRequest(body);
        const stream = new ContractStream(create, this.#ports, this.#agent);
        this.#created++;
        const path = `/streams/${this.#created}`;
        this.#streams.set(path, stream);
        stream.connect();
        // By the name that the suite knows this machine by.
        return { status: 201, headers: { Location: `http://${request.headers.host}${path}` } };
      }
      case 'DELETE':
        return { status: 204 };
      default:
        return { status: 405, headers: { Allow: 'GET, POST, DELETE' } };
    }
  }

  #onStream(request: http.IncomingMessage, path: string, body: string): Answer {
    const stream = this.#streams.get(path);
    if (!stream) return { status: 404 };
    switch (request.method) {
      case 'POST':
        runCommand(stream, parseJson(body));
        return { status: 202 };
      case 'DELETE':
        this.#streams.delete(path);
        stream.dispose();
        return { status: 204 };
      default:
        return { status: 405, headers: { Allow: 'POST, DELETE' } };
    }
  }
}

function runCommand(stream: ContractStream, asked: unknown): void {
  const command =
    typeof asked === 'object' && asked !== null && 'command' in asked ? asked.command : undefined;
  if (command === 'restart') stream.restart();
  // Events of every type are heard anyway.
  else if (command !== 'listen')
    throw new BadRequest(`There is no command ${JSON.stringify(command) ?? 'without a name'}.`);
}

async function readBody(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

if (process.argv[1] === import.meta.filename) {
  try {
    const service = await ContractService.start(Number(process.env.PORT ?? 8_000));
    console.log(`The contract service listens at ${service.url}`);
    onEndSignal(() => void service.close());
  } catch (error) {
    console.error(errorText(error));
    process.exitCode = 1;
  }
}
