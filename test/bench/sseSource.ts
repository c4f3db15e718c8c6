// A child process that serves streams of a given size over loopback, so that serving costs the measured process
// nothing. Prints its port; ends with its standard input.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((request, response) => {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  const eventBytes = Number(query.get('event'));
  const totalBytes = Number(query.get('total'));
  const start = 'event: tick\ndata: ';
  const event = Buffer.from(`${start}${'x'.repeat(Math.max(0, eventBytes - start.length - 2))}\n\n`);
  const batch = Buffer.alloc(event.length * Math.max(1, Math.floor((64 * 1024) / event.length)));
  for (let at = 0; at < batch.length; at += event.length) event.copy(batch, at);
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  let sent = 0;
  const pump = (): void => {
    while (sent < totalBytes) {
      sent += batch.length;
      if (!response.write(batch)) {
        response.once('drain', pump);
        return;
      }
    }
    response.end();
  };
  pump();
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.stdin.resume().on('end', () => process.exit());
