import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, connect, Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { streamTopic, type TopicStreamOptions } from '../../../src/servers/sampleStream.ts';
import type { SampleTopic } from '../../../src/servers/sampleTopics.ts';

afterEach(() => {
  vi.useRealTimers();
});

function topicOf(step: (n: number) => string): SampleTopic {
  return { name: 'test', about: '', hasIds: true, step };
}

function optionsFor(
  response: ServerResponse,
  topic: SampleTopic,
  more: Partial<TopicStreamOptions> = {},
): TopicStreamOptions {
  return { response, topic, lastEventId: '', intervalMs: 1, now: Date.now, expiresAt: undefined, ...more };
}

/** A response nobody reads. */
function loneResponse(): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()));
}

describe('streamTopic', () => {
  it('waits for a slow reader: little is held, and nothing is left out', async () => {
    const size = 256 * 1024;
    let steps = 0;
    let held = 0;
    const { promise: stalled, resolve: onStall } = Promise.withResolvers<void>();
    const server = createServer((_, response) => {
      const topic = topicOf((n) => {
        steps = n;
        held = Math.max(held, response.writableLength);
        return `id: ${n}\ndata: ${'x'.repeat(size)}\n\n`;
      });
      streamTopic(optionsFor(response, topic));
      // The kernel's buffers are full once ticks go by without a step.
      let last = 0;
      const watch = setInterval(() => {
        if (steps === last && response.writableNeedDrain) onStall();
        last = steps;
      }, 50);
      response.once('close', () => clearInterval(watch));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await stalled;
    const sentBefore = steps;
    expect(held).toBeLessThan(4 * size);

    let read = '';
    for await (const chunk of socket.setEncoding('latin1')) {
      read += String(chunk).replace(/x+/g, '');
      if (read.includes(`id: ${sentBefore + 3}\n`)) break;
    }
    const ids = [...read.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
    expect(ids).toEqual(ids.map((_, index) => index + 1));
    socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it('starts no timer for a client that has left already', () => {
    vi.useFakeTimers();
    const response = loneResponse();
    response.destroy();
    streamTopic(
      optionsFor(
        response,
        topicOf(() => ': \n\n'),
        { expiresAt: Date.now() + 1000 },
      ),
    );
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stops its timers when the response closes', () => {
    vi.useFakeTimers();
    const response = loneResponse();
    streamTopic(
      optionsFor(
        response,
        topicOf(() => ': \n\n'),
        { expiresAt: Date.now() + 1000 },
      ),
    );
    expect(vi.getTimerCount()).toBe(2);
    response.emit('close');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not take an expiry in years for one that is over', () => {
    vi.useFakeTimers();
    const response = loneResponse();
    const end = vi.spyOn(response, 'end');
    const years = 10 * 365 * 86_400_000;
    const now = vi.fn(Date.now);
    streamTopic({
      ...optionsFor(
        response,
        topicOf(() => ''),
      ),
      intervalMs: 2 ** 30,
      expiresAt: Date.now() + years,
      now,
    });
    // A timer that was given more than it takes fires every millisecond.
    vi.advanceTimersByTime(1000);
    expect(now.mock.calls.length).toBeLessThan(10);
    vi.advanceTimersByTime(years - 1001);
    expect(end).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(end).toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});
