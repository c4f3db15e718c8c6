import { once } from 'node:events';
import { request } from 'node:http';

/** Reads a whole response with nothing but node. */
export async function readBody(url: string, onChunk: (chunk: Buffer) => void): Promise<void> {
  const outgoing = request(url, { agent: false });
  outgoing.end();
  const [response] = await once(outgoing, 'response');
  response.on('data', onChunk);
  await once(response, 'end');
}

export function discard(url: string): Promise<void> {
  return readBody(url, () => {});
}
