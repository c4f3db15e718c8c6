// A child process with a proxy before a source of streams: `pipe`, which does nothing but pipe, or `fault`, ours with
// nothing armed. Prints its URL, to which a path is added; ends with its standard input.

import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startFaultProxy } from '../../src/servers/faultProxy.ts';
import { proxyOptions } from '../support/proxyOptions.ts';

const [kind, upstream = ''] = process.argv.slice(2);
process.stdout.write(`${kind === 'pipe' ? await pipeProxy() : await faultProxy()}\n`);
process.stdin.resume().on('end', () => process.exit());

function pipeProxy(): Promise<string> {
  const server = createServer((from, to) => {
    const outgoing = request(
      upstream + from.url,
      { method: from.method, headers: from.headers },
      (answer) => {
        to.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(to);
      },
    );
    from.pipe(outgoing);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}

async function faultProxy(): Promise<string> {
  const { url } = await startFaultProxy(proxyOptions(upstream));
  return url.replace(/\/$/, '');
}
