import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Everything, longRunningTool, startEverything } from '../../support/peers/everything.ts';

let everything: Everything;

beforeAll(async () => {
  everything = await startEverything();
}, 60_000);

afterAll(() => everything?.dispose());

async function call(body: string): Promise<Record<string, unknown>[]> {
  const response = await fetch(everything.url, { method: 'POST', headers: everything.headers, body });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  return [...(await response.text()).matchAll(/^data: (.+)$/gm)].map((match) => JSON.parse(match[1] ?? ''));
}

describe('server-everything as a peer', () => {
  it('answers a POST with a stream of progress, then the result, then its end', async () => {
    const messages = await call(everything.callBody(longRunningTool, { duration: 0.2, steps: 4 }, 'p1'));
    const progress = messages.filter(({ method }) => method === 'notifications/progress');
    expect(progress.map(({ params }) => params)).toEqual(
      [1, 2, 3, 4].map((step) => ({ progress: step, total: 4, progressToken: 'p1' })),
    );
    expect(messages.at(-1)).toMatchObject({ result: { content: [{ type: 'text' }] } });
  });

  it('reports no progress where no token for it was given, and answers each call by its own id', async () => {
    const bodies = [1, 2].map(() => everything.callBody('echo', { message: 'hello' }));
    for (const body of bodies) {
      const messages = await call(body);
      expect(messages).toMatchObject([{ id: JSON.parse(body).id, result: {} }]);
    }
  });
});
