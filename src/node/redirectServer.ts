import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A place on this machine that a browser can be sent back to after a sign-in (RFC 8252 section 7.3). */
export interface RedirectServer {
  /** `http://127.0.0.1:{port}{path}` */
  readonly url: string;
  /** Resolves with the first request there whose query is ours. */
  readonly returned: Promise<URL>;
  close(): void;
}

/**
 * Listens on 127.0.0.1 at a free port; every request but the one that is waited for is turned away.
 * @param page what the browser shows in the end, as HTML
 */
export async function startRedirectServer(
  path: string,
  isOurs: (query: URLSearchParams) => boolean,
  page: string,
): Promise<RedirectServer> {
  const { promise: returned, resolve: back } = Promise.withResolvers<URL>();
  let origin = '';
  const server = createServer((request, response) => {
    request.resume();
    const url = URL.parse(request.url ?? '', origin);
    const isHere =
      url?.origin === origin && url.pathname === path && `http://${request.headers.host}` === origin;
    const isBack = request.method === 'GET' && isHere && isOurs(url.searchParams);
    response.writeHead(isBack ? 200 : 404, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      // The code is in the address.
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'",
      connection: 'close',
    });
    response.end(isBack ? page : '');
    if (isBack) response.once('close', () => back(url));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: origin + path,
    returned,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
