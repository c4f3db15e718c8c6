import { createServer } from 'node:net';

/**
 * Whether this machine has 127.0.0.2, a loopback address that VS Code doesn't take for the machine itself: proxies
 * and certificates are for it as for any other host. (Linux and Windows have it, macOS doesn't.) Says so if not.
 */
export async function secondLoopback(): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', (error) => {
      console.log(`Skipped: nothing can listen on 127.0.0.2 here (${error.message}).`);
      resolve(false);
    });
    server.listen(0, '127.0.0.2', () => server.close(() => resolve(true)));
  });
}
