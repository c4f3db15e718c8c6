import { afterEach, expect } from 'vitest';
import {
  type SampleServer,
  type SampleServerOptions,
  startSampleServer,
} from '../../src/servers/sampleServer.ts';

/** Starts sample servers that end with the test. */
export function useSampleServers(): (options?: SampleServerOptions) => Promise<SampleServer> {
  const servers: SampleServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0).reverse()) await server.dispose();
  });
  return async (options = {}) => {
    const server = await startSampleServer({ intervalMs: 5, ...options });
    servers.push(server);
    return server;
  };
}

export function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

/** Reads a stream until its text satisfies `enough`, then lets go of it. */
export async function readUntil(
  url: string,
  init: RequestInit,
  enough: (text: string) => boolean,
): Promise<string> {
  const abort = new AbortController();
  const response = await fetch(url, { ...init, signal: abort.signal });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  let read = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    read += decoder.decode(chunk, { stream: true });
    if (enough(read)) break;
  }
  abort.abort();
  return read;
}

/** The ids of a stream's events. */
export function ids(stream: string): number[] {
  return [...stream.matchAll(/^id: (\d+)\n(?!\n)/gm)].map((match) => Number(match[1]));
}

/** Whether the event with this id is there in full. */
export const upTo =
  (id: number) =>
  (stream: string): boolean =>
    new RegExp(`^id: ${id}\\n[\\s\\S]*?\\n\\n`, 'm').test(stream);
