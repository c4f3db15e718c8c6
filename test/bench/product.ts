// The way a byte takes in the product, without VS Code: HTTP, connection, decoder, and the records as a session keeps
// them.
import { isUtf8 } from 'node:buffer';
import { Redactor } from '../../src/base/redaction.ts';
import { Capture } from '../../src/capture/capture.ts';
import { RateMeter } from '../../src/capture/rate.ts';
import { HttpTransport } from '../../src/node/httpTransport.ts';
import { systemClock } from '../../src/node/systemClock.ts';
import { Connection } from '../../src/sse/connection.ts';
import { Decoder } from '../../src/sse/decoder.ts';
import type { ConnectionState } from '../../src/sse/steps.ts';

const transport = new HttpTransport();

/** Opens a stream and records it; `changed` hears each state. */
export function record(
  url: string,
  changed: (state: ConnectionState) => void,
): { connection: Connection; capture: Capture } {
  const capture = new Capture();
  const rate = new RateMeter();
  const connection = new Connection(
    {
      clock: systemClock,
      random: Math.random,
      transport,
      options: () => ({
        policy: 'off',
        reconnect: { initialMs: 1_000, maxMs: 30_000, jitter: 0.5, maxAttempts: 0 },
        lastEventId: '',
      }),
      authorize: async () => ({ url, method: 'GET', headers: [['Accept', 'text/event-stream']] }),
      explainUnauthorized: () => '',
      redact: new Redactor(),
      isUtf8,
    },
    {
      batch: (time, attempt, batch) => {
        rate.add(time, batch.count);
        capture.addEvents(time, attempt, batch);
      },
      lineFeed: (isNewChunk) => capture.addLineFeed(isNewChunk),
      comment: (time, attempt, text) => capture.addComment(time, attempt, text),
      step: (time, attempt, step) => capture.addStep(time, attempt, step),
      dropped: (time, attempt, what) => capture.addStep(time, attempt, { step: 'dropped', ...what }),
      stateChanged: changed,
    },
  );
  connection.connect();
  return { connection, capture };
}

/** Records a whole response. Rejects where it brought fewer events than that. */
export async function recordAll(url: string, events: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { connection, capture } = record(url, ({ kind }) => {
    if (kind === 'closed') resolve();
  });
  await promise;
  connection.dispose();
  if (capture.events < events)
    throw new Error(`${url}: ${capture.events} of ${events} events were recorded.`);
}

/** Decodes a whole response and keeps nothing of it. */
export function decodeAll(url: string): Promise<void> {
  const ignore = (): void => {};
  const decoder = new Decoder({ batch: ignore, comment: ignore, retry: ignore, dropped: ignore });
  return new Promise((resolve, reject) => {
    transport.open(
      { url, method: 'GET', headers: [['Accept', 'text/event-stream']] },
      {
        head: ignore,
        chunk: (bytes) => decoder.push(bytes),
        end: (end) => (end.kind === 'end' ? resolve() : reject(new Error(`${url}: ${end.message}`))),
      },
    );
  });
}
