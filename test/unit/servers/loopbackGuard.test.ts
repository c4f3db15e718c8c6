import { createServer, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import {
  isLoopbackOrigin,
  type LoopbackOptions,
  type LoopbackServer,
  listenOnLoopback,
} from '../../../src/servers/loopbackGuard.ts';

const cleanup: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const undo of cleanup.splice(0).reverse()) await undo();
});

async function start(options: Partial<LoopbackOptions> = {}): Promise<LoopbackServer> {
  const server = await listenOnLoopback({ onRequest: (_, response) => void response.end('in'), ...options });
  cleanup.push(() => server.dispose());
  return server;
}

/** The status of a request with exactly these header lines, which fetch wouldn't send. */
function statusOf(
  port: number,
  headers: readonly string[],
  target = '/',
  host = '127.0.0.1',
): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    socket.once('error', reject);
    socket.end(`GET ${target} HTTP/1.1\r\n${[...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`);
    text(socket).then((answer) => resolve(Number(answer.split(' ')[1])), reject);
  });
}

describe('the loopback guard', () => {
  it('lets in requests that name this machine and our port, on both addresses', async () => {
    const { port, hasIpv6 } = await start();
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `LOCALHOST:${port}`, `[::1]:${port}`]) {
      expect(await statusOf(port, [`Host: ${host}`])).toBe(200);
    }
    if (hasIpv6) expect(await statusOf(port, [`Host: [::1]:${port}`], '/', '::1')).toBe(200);
  });

  it('answers 421 to any other Host', async () => {
    const { port } = await start();
    const hosts = [
      'evil.example',
      `evil.example:${port}`,
      'localhost',
      `localhost:${port + 1}`,
      `127.0.0.1.evil.example:${port}`,
      `localhost:${port}@evil.example`,
      `0.0.0.0:${port}`,
      '',
    ];
    for (const host of hosts) expect([host, await statusOf(port, [`Host: ${host}`])]).toEqual([host, 421]);
  });

  it('answers 421 to targets that replace Host, and never runs the handler', async () => {
    let calls = 0;
    const { port } = await start({ onRequest: (_, response) => void response.end(`${++calls}`) });
    expect(await statusOf(port, [`Host: localhost:${port}`], 'http://evil.example/')).toBe(421);
    expect([400, 421]).toContain(await statusOf(port, [`Host: localhost:${port}`, 'Host: evil.example']));
    expect([400, 421]).toContain(await statusOf(port, []));
    expect(calls).toBe(0);
  });

  it('answers 403 to pages of other machines, and lets in those of this one', async () => {
    const { port } = await start();
    const host = `Host: localhost:${port}`;
    for (const origin of [
      'https://evil.example',
      'null',
      'vscode-webview://abc',
      'http://localhost.evil.example',
      'file://',
      '',
    ]) {
      expect([origin, await statusOf(port, [host, `Origin: ${origin}`])]).toEqual([origin, 403]);
    }
    for (const origin of [
      'http://localhost:5173',
      'https://127.0.0.1',
      'http://[::1]:3000',
      'http://app.localhost',
    ]) {
      expect([origin, await statusOf(port, [host, `Origin: ${origin}`])]).toEqual([origin, 200]);
    }
    const two = await statusOf(port, [host, 'Origin: http://localhost', 'Origin: https://evil.example']);
    expect(two).not.toBe(200);
  });

  it('takes an Origin for what it says, nothing else', () => {
    expect(isLoopbackOrigin('http://localhost:1/path')).toBe(false);
    expect(isLoopbackOrigin('http://localhost, https://evil.example')).toBe(false);
    expect(isLoopbackOrigin('http://user@localhost')).toBe(false);
    expect(isLoopbackOrigin('ws://localhost')).toBe(false);
  });

  // macOS has no other loopback address unless one is set up.
  it.skipIf(process.platform === 'darwin')(
    'cannot be reached by another address of the machine',
    async () => {
      const { port } = await start();
      // All of 127.0.0.0/8 is the machine itself; only 127.0.0.1 is bound.
      await expect(statusOf(port, [`Host: localhost:${port}`], '/', '127.0.0.2')).rejects.toThrow(
        /ECONNREFUSED|EADDRNOTAVAIL/,
      );
    },
  );

  it('rejects with EADDRINUSE when the port is taken on either address, and leaves nothing behind', async () => {
    const { port, hasIpv6 } = await start();
    await expect(listenOnLoopback({ port, onRequest: () => {} })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    if (!hasIpv6) return;

    const six = createServer();
    await new Promise<void>((resolve) => six.listen(0, '::1', resolve));
    cleanup.push(() => void six.close());
    const taken = (six.address() as { port: number }).port;
    await expect(listenOnLoopback({ port: taken, onRequest: () => {} })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    const four = createServer();
    await new Promise<void>((resolve, reject) =>
      four.once('error', reject).listen(taken, '127.0.0.1', resolve),
    );
    four.close();
  });

  it('closes sockets beyond its bound', async () => {
    const { port } = await start({ maxConnections: 2 });
    const open = (): Promise<Socket> =>
      new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => resolve(socket));
        socket.once('error', reject);
        cleanup.push(() => void socket.destroy());
      });
    const [first] = [await open(), await open()];
    const third = await open();
    await new Promise((resolve) => third.once('close', resolve).resume());
    expect(first.destroyed).toBe(false);
  });

  it('closes open answers on dispose, twice if asked, and frees the port', async () => {
    const server = await start({ onRequest: (_, response) => void response.write('open') });
    const answer = await new Promise<import('node:http').IncomingMessage>((resolve) => {
      request(server.url, resolve)
        .on('error', () => {})
        .end();
    });
    const ended = new Promise<void>((resolve) =>
      answer
        .once('error', () => {})
        .once('close', resolve)
        .resume(),
    );
    await Promise.all([server.dispose(), server.dispose(), ended]);
    const again = await start({ port: server.port });
    expect(again.port).toBe(server.port);
  });
});
