// One HTTP exchange of small texts, over the transport of the streams: VS Code's proxy and certificates hold, and no
// redirect is followed.
import type { Clock } from '../base/clock.ts';
import type { HttpRequest, ResponseHead, Transport } from '../sse/transport.ts';
import { transportErrorText } from '../sse/transportWords.ts';

export interface ExchangePorts {
  transport: Transport;
  clock: Clock;
}

/** What an answer may take, all in all. */
export interface AnswerLimits {
  ms: number;
  bytes: number;
}

export interface TextAnswer {
  head: ResponseHead;
  text: string;
}

/** There is no whole answer. */
export class ExchangeFailure extends Error {
  readonly isTooLarge: boolean;

  /** @param reason fits behind "it gave no answer:" */
  constructor(reason: string, isTooLarge = false) {
    super(reason);
    this.isTooLarge = isTooLarge;
  }
}

/** Resolves with whatever was answered. Rejects with ExchangeFailure, or with the signal's reason. */
export function exchangeText(
  request: HttpRequest,
  { ms, bytes: most }: AnswerLimits,
  { transport, clock }: ExchangePorts,
  signal: AbortSignal,
): Promise<TextAnswer> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
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
    const exchange = transport.open(request, {
      head: (answered) => {
        head = answered;
      },
      chunk: (chunk) => {
        bytes += chunk.length;
        if (bytes > most) fail(new ExchangeFailure(`it sent more than ${most / 1024} KiB`, true));
        else chunks.push(chunk);
      },
      end: (end) => {
        if (end.kind === 'error') fail(new ExchangeFailure(transportErrorText(end)));
        else if (head === undefined) fail(new ExchangeFailure('it closed the connection without an answer'));
        else {
          const answer = { head, text: textOf(chunks) };
          settle(() => resolve(answer));
        }
      },
    });
    const timer = clock.after(ms, () => fail(new ExchangeFailure(`it took more than ${ms / 1_000} s`)));
    signal.addEventListener('abort', abort);
  });
}

function textOf(chunks: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode();
}
