// One HTTP exchange of small texts with a server that hands out tokens, over the transport of the streams: VS Code's
// proxy and certificates hold, and no redirect is followed.
import type { Clock } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';
import { type HeaderList, headerValue } from '../base/headers.ts';
import { retryAfter, transientStatuses } from '../sse/policies.ts';
import type { HttpRequest, ResponseHead, Transport } from '../sse/transport.ts';
import { transportErrorText } from '../sse/transportWords.ts';

export interface ServerAnswer {
  status: number;
  headers: HeaderList;
  text: string;
  /** How far ahead of this machine's the server's clock is, where it says (Date, RFC 9110 section 6.6.1). */
  skewMs?: number;
}

export interface AskPorts {
  transport: Transport;
  clock: Clock;
}

export type Ask = (request: HttpRequest, signal: AbortSignal) => Promise<ServerAnswer>;

const answerMs = 30_000;
const maxBytes = 64 * 1024;

/**
 * Asks, and resolves with whatever was answered in time, but for statuses that ask to come again. Rejects with
 * AppError `tokenServer.unreachable`, `tokenServer.tooLarge` or `tokenServer.status`, or with the signal's reason.
 */
export function askServer({ transport, clock }: AskPorts): Ask {
  return (request, signal) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const { origin } = new URL(request.url);
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      let head: ResponseHead | undefined;
      const settle = (tell: () => void): void => {
        timer.dispose();
        signal.removeEventListener('abort', abort);
        exchange.dispose();
        tell();
      };
      const fail = (error: unknown): void => settle(() => reject(error));
      const abort = (): void => fail(signal.reason);
      const unreachable = (reason: string): void =>
        fail(new AppError('tokenServer.unreachable', { origin, reason }));
      const exchange = transport.open(request, {
        head: (answered) => {
          head = answered;
        },
        chunk: (chunk) => {
          bytes += chunk.length;
          if (bytes > maxBytes) fail(new AppError('tokenServer.tooLarge', { origin }));
          else chunks.push(chunk);
        },
        end: (end) => {
          if (end.kind === 'error') unreachable(transportErrorText(end));
          else if (head === undefined) unreachable('it closed the connection without an answer');
          else {
            const answer = answerOf(head, chunks, clock.now());
            if (transientStatuses.has(head.status)) fail(comeAgain(origin, head, clock.now()));
            else settle(() => resolve(answer));
          }
        },
      });
      const timer = clock.after(answerMs, () => unreachable(`it took more than ${answerMs / 1_000} s`));
      signal.addEventListener('abort', abort);
    });
}

function answerOf(
  { status, headers }: ResponseHead,
  chunks: readonly Uint8Array[],
  now: number,
): ServerAnswer {
  const decoder = new TextDecoder();
  const text = chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode();
  const date = Date.parse(headerValue(headers, 'date') ?? '');
  return { status, headers, text, ...(Number.isNaN(date) ? {} : { skewMs: date - now }) };
}

function comeAgain(origin: string, { status, headers }: ResponseHead, now: number): AppError {
  const asked = retryAfter(headerValue(headers, 'retry-after'), now);
  return new AppError('tokenServer.status', {
    origin,
    status,
    retryAfterMs: asked?.ms ?? 0,
  });
}
