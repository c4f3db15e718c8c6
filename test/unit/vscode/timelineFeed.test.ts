import { expect, it } from 'vitest';
import { Capture } from '../../../src/capture/capture.ts';
import type { CaptureSource } from '../../../src/session/captureSource.ts';
import { TimelineFeed } from '../../../src/vscode/panel/timelineFeed.ts';
import { FakeClock } from '../../support/fakeClock.ts';

it('tells the timeline twice a second at most, and only where it has changed', () => {
  const clock = new FakeClock();
  const capture = new Capture();
  const source = { capture, captureId: 'a', state: { kind: 'closed' } } as unknown as CaptureSource;
  let told = 0;
  const feed = new TimelineFeed(source, clock, () => {
    told++;
  });
  feed.push();
  expect(told).toBe(0);
  for (let i = 0; i < 20; i++) {
    capture.addEvent(clock.now(), 1, 'tick', undefined, new Uint8Array(1));
    feed.push();
    clock.advance(100);
  }
  expect(told).toBe(4);
  clock.advance(1_000);
  feed.push();
  expect(told).toBe(5);
  clock.advance(10_000);
  feed.push();
  expect(told).toBe(5);
});
