import type { ServerResponse } from 'node:http';
import type { SampleTopic } from './sampleTopics.ts';

export interface StreamOptions {
  response: ServerResponse;
  topic: SampleTopic;
  /** What the client saw last; empty or no number of ours: from the first event. */
  lastEventId: string;
  intervalMs: number;
  /** Epoch milliseconds. */
  now: () => number;
  /** Epoch milliseconds at which the stream ends; undefined for no such end. */
  expiresAt: number | undefined;
}

/** What the client is asked to wait before it comes back, in milliseconds. */
const retryMs = 2000;
/** The longest delay a timer takes (HTML standard, section 8.6); longer ones would fire at once. */
const maxDelayMs = 2 ** 31 - 1;

/**
 * Answers with a topic's stream: the first event at once, then one each interval. A reader that is slow gets the
 * next event when it has taken the last: nothing piles up, nothing is left out.
 * Its timers end with the response.
 */
export function streamTopic(options: StreamOptions): void {
  const { response, topic, intervalMs, now, expiresAt } = options;
  // The client may have left while its token was checked: then there is no close to wait for.
  if (response.closed || response.destroyed) return;
  const delay = Math.max(1, Math.round(intervalMs / (topic.speed ?? 1)));
  let next = topic.hasIds ? idAfter(options.lastEventId) : 1;
  if (topic.length !== undefined && next > topic.length) {
    // HTML standard, section 9.2.1: 204 tells the client to stop reconnecting.
    response.writeHead(204).end();
    return;
  }

  let ticker: NodeJS.Timeout | undefined;
  let alarm: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearInterval(ticker);
    clearTimeout(alarm);
  };
  const end = (lastWords: string): void => {
    stop();
    response.end(lastWords);
  };
  const tick = (): void => {
    if (expiresAt !== undefined && now() >= expiresAt) {
      end(': the token has expired\n\n');
    } else if (!response.writableNeedDrain) {
      const text = topic.step(next);
      if (next === topic.length) end(text);
      else response.write(text);
      next += 1;
    }
  };
  const waitForExpiry = (): void => {
    const left = (expiresAt ?? 0) - now();
    if (left <= 0) tick();
    else alarm = setTimeout(waitForExpiry, Math.min(left, maxDelayMs));
  };

  response.once('close', stop);
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  response.socket?.setNoDelay(true);
  response.write(`retry: ${retryMs}\n\n`);
  ticker = setInterval(tick, delay);
  if (expiresAt !== undefined) waitForExpiry();
  tick();
}

function idAfter(lastEventId: string): number {
  const last = /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : 0;
  return last + 1;
}
