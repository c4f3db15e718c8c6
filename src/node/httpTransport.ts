// The network by node:http(s): VS Code's proxy and certificate support reaches it, a silent stream isn't cut,
// and no redirect code of somebody else's carries a credential along.
import * as http from 'node:http';
import * as https from 'node:https';
import { type Disposable, toDisposable } from '../base/disposables.ts';
import type {
  HttpRequest,
  StreamEnd,
  Transport,
  TransportErrorKind,
  TransportHandler,
} from '../sse/transport.ts';

export interface HttpTransportOptions {
  /** Milliseconds to wait for a response head. */
  headTimeoutMs?: number;
}

const maxHeadBytes = 64 * 1024;

export class HttpTransport implements Transport, Disposable {
  readonly #headTimeoutMs: number;
  // A stream takes a socket for itself, and a refused one isn't worth keeping: no pool that outlives us.
  readonly #httpAgent = new http.Agent({ keepAlive: false });
  readonly #httpsAgent = new https.Agent({ keepAlive: false });

  constructor(options: HttpTransportOptions = {}) {
    this.#headTimeoutMs = options.headTimeoutMs ?? 30_000;
  }

  open(request: HttpRequest, handler: TransportHandler): Disposable {
    const url = new URL(request.url);
    const secure = url.protocol === 'https:';
    const outgoing = (secure ? https : http).request(url, {
      method: request.method,
      headers: fieldValues(request),
      agent: secure ? this.#httpsAgent : this.#httpAgent,
      maxHeaderSize: maxHeadBytes,
    });
    let over = false;
    const headTimer = setTimeout(() => {
      finish({
        kind: 'error',
        error: 'headTimeout',
        code: 'HEAD_TIMEOUT',
        message: `No response in ${this.#headTimeoutMs / 1_000} s`,
      });
    }, this.#headTimeoutMs);
    const finish = (end: StreamEnd): void => {
      if (over) return;
      over = true;
      clearTimeout(headTimer);
      handler.end(end);
      outgoing.destroy();
    };
    const abort = toDisposable(() => {
      over = true;
      clearTimeout(headTimer);
      outgoing.destroy();
    });
    outgoing.on('response', (response) => {
      clearTimeout(headTimer);
      if (over) return;
      handler.head({
        status: response.statusCode ?? 0,
        statusText: response.statusMessage ?? '',
        httpVersion: response.httpVersion,
        headers: pairs(response.rawHeaders),
      });
      response.on('data', (chunk: Buffer) => {
        if (!over) handler.chunk(chunk);
      });
      response.on('end', () => finish({ kind: 'end' }));
      response.on('error', (error) => finish(streamError(error, response)));
      response.on('close', () => {
        if (!response.complete)
          finish({ kind: 'error', error: 'truncated', code: '', message: 'The body was cut off' });
      });
    });
    // An upgrade nobody asked for would leave the socket to us.
    outgoing.on('upgrade', (_response, socket) => {
      socket.destroy();
      finish({ kind: 'error', error: 'protocol', code: 'UPGRADE', message: 'The server switched protocols' });
    });
    outgoing.on('error', (error) => finish(streamError(error)));
    // Bytes: a text would take the head along into UTF-8, and a header value is bytes already.
    outgoing.end(request.body === undefined ? undefined : Buffer.from(request.body));
    return abort;
  }

  dispose(): void {
    this.#httpAgent.destroy();
    this.#httpsAgent.destroy();
  }
}

/** Fields by name, several of one name as a list. */
function fieldValues({ headers, body }: HttpRequest): http.OutgoingHttpHeaders {
  const fields: http.OutgoingHttpHeaders = {};
  for (const [name, value] of headers) {
    const present = fields[name];
    if (present === undefined) fields[name] = value;
    else fields[name] = [...(Array.isArray(present) ? present : [String(present)]), value];
  }
  if (body !== undefined) fields['Content-Length'] = Buffer.byteLength(body);
  return fields;
}

function pairs(raw: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) list.push([raw[i] as string, raw[i + 1] as string]);
  return list;
}

function streamError(error: Error, response?: http.IncomingMessage): StreamEnd {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  // node names a body that stopped short "aborted", whatever the reason.
  const cut =
    response !== undefined && !response.complete && code === 'ECONNRESET' && error.message === 'aborted';
  return { kind: 'error', error: cut ? 'truncated' : kindOf(code), code, message: error.message };
}

function kindOf(code: string): TransportErrorKind {
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN' || code === 'EAI_NODATA') return 'dns';
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNABORTED') return 'reset';
  if (code === 'ETIMEDOUT') return 'timeout';
  if (code.startsWith('HPE_')) return 'protocol';
  if (/^(?:CERT_|ERR_TLS|ERR_SSL|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|EPROTO|HOSTNAME_MISMATCH)/.test(code))
    return 'tls';
  return 'network';
}
