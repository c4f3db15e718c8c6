// A child process that serves streams over loopback, so that serving costs the measured process nothing. Prints its
// port; ends with its standard input. Paths: /events?event=&total=&chunk=&end= (bytes), /line?total= (one line that
// doesn't end), /paced?event=&perSecond=&seconds= (events that say when they were sent, in epoch milliseconds), /idle (a comment, then
// silence).
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const mebibyte = 1024 * 1024;

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const number = (name: string): number => Number(searchParams.get(name));
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  switch (pathname) {
    case '/events': {
      const batch = eventsOf(number('event'), searchParams.get('end') === 'CRLF' ? '\r\n' : '\n');
      send(response, batch, number('chunk'), number('total'));
      break;
    }
    case '/paced':
      pace(response, number('event'), number('perSecond'), number('seconds'));
      break;
    case '/line':
      response.write('data: ');
      send(response, Buffer.alloc(mebibyte, 'x'), 64 * 1024, number('total'));
      break;
    default:
      response.write(': here\n\n');
  }
});

/** Sends events as the clock asks for them; each says in its data when it was written (epoch milliseconds and their hundredths). */
function pace(response: ServerResponse, size: number, perSecond: number, seconds: number): void {
  const start = performance.now();
  const total = perSecond * seconds;
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(total, Math.floor(((performance.now() - start) / 1_000) * perSecond));
    const now = (performance.timeOrigin + performance.now()).toFixed(2);
    let text = '';
    for (; sent < due; sent++) {
      const data = `id: ${sent + 1}\nevent: tick\ndata: {"sent":${now},"text":"`;
      text += `${data}${'x'.repeat(Math.max(0, size - data.length - 4))}"}\n\n`;
    }
    if (text !== '') response.write(text);
    if (sent < total && !response.closed) return;
    clearInterval(timer);
    response.end();
  }, 5);
}

/** As many events of a size as fit into a mebibyte. */
function eventsOf(size: number, end: string): Buffer {
  const start = `event: tick${end}data: `;
  const event = Buffer.from(`${start}${'x'.repeat(size - start.length - 2 * end.length)}${end}${end}`);
  return Buffer.concat(new Array<Buffer>(Math.floor(mebibyte / size)).fill(event));
}

/** Sends the batch, in chunks of a size, until `total` bytes are out. */
function send(response: ServerResponse, batch: Buffer, chunk: number, total: number): void {
  let sent = 0;
  const pump = (): void => {
    while (sent < total) {
      // Corked, so that the chunks of HTTP are small and the packets aren't.
      response.socket?.cork();
      for (let at = 0; at < batch.length; at += chunk) response.write(batch.subarray(at, at + chunk));
      response.socket?.uncork();
      sent += batch.length;
      if (response.writableNeedDrain) {
        response.once('drain', pump);
        return;
      }
    }
    response.end();
  };
  pump();
}

server.listen(0, '127.0.0.1', 1_000, () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.stdin.resume().on('end', () => process.exit());
