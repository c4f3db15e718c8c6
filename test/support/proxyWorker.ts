// A thread with a real proxy in it: see proxyThread.ts.
import { parentPort } from 'node:worker_threads';
import { Server } from 'proxy-chain';
import type { ProxyCredentials, ProxyRequest } from './proxyThread.ts';

let seen: ProxyRequest[] = [];
let wanted: ProxyCredentials | undefined;

const server = new Server({
  host: '127.0.0.1',
  port: 0,
  prepareRequestFunction: ({ request, username, password, hostname, port }) => {
    seen.push({ target: `${hostname}:${port}`, method: request.method ?? '', username, password });
    const refused = wanted && (username !== wanted.username || password !== wanted.password);
    return { requestAuthentication: refused === true, upstreamProxyUrl: null };
  },
});
await server.listen();
parentPort?.on('message', (message: { credentials: ProxyCredentials | undefined } | 'seen' | 'close') => {
  if (message === 'close') void server.close(true).then(() => process.exit());
  else if (message === 'seen') {
    parentPort?.postMessage(seen);
    seen = [];
  } else wanted = message.credentials;
});
parentPort?.postMessage(server.port);
