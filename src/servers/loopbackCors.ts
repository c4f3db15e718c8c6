import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopbackOrigin } from './loopbackGuard.ts';

/** The guard has let in pages of this machine only; they may read answers and send credentials. */
export function setCors({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('vary', 'Origin');
  if (headers.origin === undefined || !isLoopbackOrigin(headers.origin)) return;
  response.setHeader('access-control-allow-origin', headers.origin);
  response.setHeader('access-control-allow-credentials', 'true');
  response.setHeader('access-control-allow-methods', 'GET, POST');
  response.setHeader(
    'access-control-allow-headers',
    'Authorization, Cache-Control, Content-Type, Last-Event-ID',
  );
  response.setHeader('access-control-expose-headers', 'Retry-After, WWW-Authenticate');
  response.setHeader('access-control-max-age', '600');
}
