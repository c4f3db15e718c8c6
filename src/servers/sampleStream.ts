import type { ServerResponse } from 'node:http';
import type { PublishedTopic } from './publishedTopics.ts';
import type { SampleTopic } from './sampleTopics.ts';

interface StreamOptions {
  response: ServerResponse;
  /** What the client saw last; empty or no number of ours: from the first event. */
  lastEventId: string;
  /** Epoch milliseconds. */
  now: () => number;
  /** Epoch milliseconds at which the stream ends; undefined for no such end. */
  expiresAt: number | undefined;
}

/** What the client is asked to wait before it comes back, in milliseconds. */
const retryMs = 2000;
/** The longest delay a timer takes (HTML standard, section 8.6); longer ones would fire at once. */
const maxDelayMs = 2 ** 31 - 1;
/** HTML standard, section 9.2.7: a comment every 15 seconds or so, for the proxies in between. */
const keepAliveMs = 15_000;

export interface TopicStreamOptions extends StreamOptions {
  topic: SampleTopic;
  intervalMs: number;
}

/**
 * Answers with a topic's stream: the first event at once, then one each interval. A reader that is slow gets the
 * next event when it has taken the last: nothing piles up, nothing is left out.
 * Its timers end with the response.
 */
export function streamTopic(options: TopicStreamOptions): void {
  const { response, topic, intervalMs } = options;
  // The client may have left while its token was checked: then there is no close to wait for.
  if (response.closed || response.destroyed) return;
  const delay = Math.max(1, Math.round(intervalMs / (topic.speed ?? 1)));
  let next = topic.hasIds ? (idOf(options.lastEventId) ?? 0) + 1 : 1;
  if (topic.length !== undefined && next > topic.length) {
    // HTML standard, section 9.2.1: 204 tells the client to stop reconnecting.
    response.writeHead(204).end();
    return;
  }
  beginStream(options, `retry: ${retryMs}\n\n`, delay, () => {
    if (response.writableNeedDrain) return;
    const text = topic.step(next);
    if (next === topic.length) response.end(text);
    else response.write(text);
    next += 1;
  })();
}

/**
 * Answers with what is published to a topic from now on, or after the id that the client saw last. A reader that is
 * slow is behind by what the topic keeps, at most; what it missed is counted in a comment.
 */
export function streamPublished(options: StreamOptions & { topic: PublishedTopic }): void {
  const { response, topic } = options;
  if (response.closed || response.destroyed) return;
  let next = Math.min((idOf(options.lastEventId) ?? topic.next - 1) + 1, topic.next);
  const send = (): void => {
    if (response.writableEnded || response.writableNeedDrain) return;
    if (next < topic.first) {
      response.write(`: ${topic.first - next} events are not kept any more\n\n`);
      next = topic.first;
    }
    while (next < topic.next && !response.writableNeedDrain) {
      response.write(topic.block(next) ?? '');
      next += 1;
    }
  };
  // An id of its own, so that a client which is cut off before the first event resumes, too.
  beginStream(options, `retry: ${retryMs}\nid: ${next - 1}\n\n`, keepAliveMs, () => {
    if (!response.writableNeedDrain) response.write(': keep-alive\n\n');
  });
  const subscription = topic.onDidPublish(send);
  response.on('drain', send);
  response.once('close', () => subscription.dispose());
  send();
}

/** Begins the answer, ticks until it ends, and ends it when the token does. Returns what does a tick at once. */
function beginStream(
  { response, now, expiresAt }: StreamOptions,
  firstWords: string,
  delayMs: number,
  onTick: () => void,
): () => void {
  let alarm: NodeJS.Timeout | undefined;
  const tick = (): void => {
    if (response.writableEnded) return;
    if (expiresAt !== undefined && now() >= expiresAt) response.end(': the token has expired\n\n');
    else onTick();
    if (response.writableEnded) stop();
  };
  const ticker = setInterval(tick, delayMs);
  const stop = (): void => {
    clearInterval(ticker);
    clearTimeout(alarm);
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
  response.write(firstWords);
  if (expiresAt !== undefined) waitForExpiry();
  return tick;
}

/** The number that an id of ours is. */
function idOf(lastEventId: string): number | undefined {
  return /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : undefined;
}
