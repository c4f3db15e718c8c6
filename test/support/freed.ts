import { connect } from 'node:net';

/** Resolves once nobody listens there any more. A connection that is taken ends with whoever took it, which is asked again then. */
export async function freed(port: number): Promise<void> {
  for (;;) {
    const refusal = await new Promise<string | undefined>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
      socket.once('close', () => resolve(undefined));
      socket.resume();
    });
    if (refusal === 'ECONNREFUSED') return;
  }
}
