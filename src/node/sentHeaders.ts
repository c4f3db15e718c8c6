import type * as http from 'node:http';
import type { HeaderList } from '../base/headers.ts';

/**
 * The header fields of a request as node wrote them, Host, Connection and Content-Length included, and what a proxy
 * agent added. node has no public way to them: undefined where this one is gone.
 */
export function sentHeaders(request: http.ClientRequest): HeaderList | undefined {
  const head: unknown = Reflect.get(request, '_header');
  if (typeof head !== 'string') return undefined;
  // The first line is the request's, the last two are empty.
  return head
    .split('\r\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    });
}
