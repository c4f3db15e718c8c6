// The servers that hand out tokens are asked here.
import { AppError } from '../base/errors.ts';
import { type HeaderList, headerValue } from '../base/headers.ts';
import { retryAfter, transientStatuses } from '../sse/policies.ts';
import type { HttpRequest, ResponseHead } from '../sse/transport.ts';
import { ExchangeFailure, type ExchangePorts, exchangeText } from './textExchange.ts';

export interface ServerAnswer {
  status: number;
  headers: HeaderList;
  text: string;
  /** How far ahead of this machine's the server's clock is, where it says (Date, RFC 9110 section 6.6.1). */
  skewMs?: number;
}

export type Ask = (request: HttpRequest, signal: AbortSignal) => Promise<ServerAnswer>;

const limits = { ms: 30_000, bytes: 64 * 1024 };

/**
 * Asks, and resolves with whatever was answered in time, but for statuses that ask to come again. Rejects with
 * AppError `tokenServer.unreachable`, `tokenServer.tooLarge` or `tokenServer.status`, or with the signal's reason.
 */
export function askServer(ports: ExchangePorts): Ask {
  return async (request, signal) => {
    const { origin } = new URL(request.url);
    try {
      const { head, text } = await exchangeText(request, limits, ports, signal);
      const now = ports.clock.now();
      if (transientStatuses.has(head.status)) throw comeAgain(origin, head, now);
      const date = Date.parse(headerValue(head.headers, 'date') ?? '');
      const { status, headers } = head;
      return { status, headers, text, ...(Number.isNaN(date) ? {} : { skewMs: date - now }) };
    } catch (error) {
      if (!(error instanceof ExchangeFailure)) throw error;
      throw error.isTooLarge
        ? new AppError('tokenServer.tooLarge', { origin })
        : new AppError('tokenServer.unreachable', { origin, reason: error.message });
    }
  };
}

function comeAgain(origin: string, { status, headers }: ResponseHead, now: number): AppError {
  const asked = retryAfter(headerValue(headers, 'retry-after'), now);
  return new AppError('tokenServer.status', {
    origin,
    status,
    retryAfterMs: asked?.ms ?? 0,
  });
}
