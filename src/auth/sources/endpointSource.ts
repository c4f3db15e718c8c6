import { AppError } from '../../base/errors.ts';
import { headerValue } from '../../base/headers.ts';
import type { HttpRequest } from '../../sse/transport.ts';
import type { Ask, ServerAnswer } from '../askServer.ts';
import { valueAt } from '../jsonPointer.ts';
import { type SourceToken, type TokenSource, tokenFrom } from './tokenSource.ts';

export interface EndpointAnswer {
  /** JSON pointers to the token; the first one that leads somewhere counts. */
  tokenPaths: readonly string[];
  /** JSON pointers to the token's lifetime in seconds. */
  lifetimePaths: readonly string[];
}

/** An HTTP request that mints a token. `request` makes it, credential in place, once it may be sent. */
export function endpointSource(
  key: string,
  answer: EndpointAnswer,
  request: () => Promise<HttpRequest>,
  ask: Ask,
): TokenSource {
  return {
    kind: 'endpoint',
    key,
    mints: true,
    canRefresh: true,
    async read(signal) {
      const made = await request();
      return tokenIn(await ask(made, signal), new URL(made.url).origin, answer);
    },
  };
}

function tokenIn(answer: ServerAnswer, origin: string, paths: EndpointAnswer): SourceToken {
  const json = jsonOf(answer, origin);
  const token = paths.tokenPaths.map((path) => valueAt(json, path)).find((value) => value !== undefined);
  if (typeof token !== 'string')
    throw new AppError('tokenServer.noToken', { origin, paths: paths.tokenPaths.join(', ') });
  const given = paths.lifetimePaths.map((path) => valueAt(json, path)).find((value) => value !== undefined);
  return {
    token: tokenFrom('endpoint', token),
    ...lifetimeOf(given, origin),
    ...(answer.skewMs === undefined ? {} : { skewMs: answer.skewMs }),
  };
}

/** A token server's answer as JSON. Throws AppError `tokenServer.status` or `tokenServer.notJson`. */
export function jsonOf({ status, headers, text }: ServerAnswer, origin: string): unknown {
  if (status < 200 || status > 299) throw new AppError('tokenServer.status', { origin, status });
  try {
    return JSON.parse(text);
  } catch {
    const type = (headerValue(headers, 'content-type') ?? '').split(';', 1)[0]?.trim() ?? '';
    throw new AppError('tokenServer.notJson', { origin, contentType: type.slice(0, 100) });
  }
}

/** What a server says of a token's lifetime in seconds. Throws AppError `tokenServer.lifetime` for one that is over. */
export function lifetimeOf(seconds: unknown, origin: string): Pick<SourceToken, 'lifetimeMs'> {
  const number = typeof seconds === 'string' && /^-?\d+(?:\.\d+)?$/.test(seconds) ? Number(seconds) : seconds;
  if (typeof number !== 'number' || Number.isNaN(number)) return {};
  if (number <= 0) throw new AppError('tokenServer.lifetime', { origin, seconds: number });
  // As far ahead as a Date goes.
  return { lifetimeMs: Math.min(number * 1_000, 8.64e15 / 2) };
}
