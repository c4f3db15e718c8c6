import { expect, it } from 'vitest';
import { Capture } from '../../../src/capture/capture.ts';
import type { AttemptList } from '../../../src/panelApi/attemptMessages.ts';
import type { CaptureSource } from '../../../src/session/captureSource.ts';
import { RequestFeed } from '../../../src/vscode/panel/requestFeed.ts';
import { FakeClock } from '../../support/fakeClock.ts';

const head = { status: 200, statusText: 'OK', httpVersion: '1.1', headers: [] };

it('tells the whole list at each step, the counts of the open stream once a second, and nothing twice', () => {
  const clock = new FakeClock();
  const capture = new Capture();
  const source = {
    capture,
    captureId: 'a',
    attempts: 1,
    state: { kind: 'open' },
  } as unknown as CaptureSource;
  const told: AttemptList[] = [];
  const feed = new RequestFeed(source, clock, (list) => void told.push(list));
  /** A second in which ten events come. */
  const aSecond = (): void => {
    for (let i = 0; i < 10; i++) {
      capture.addEvent(clock.now(), 1, 'tick', undefined, new Uint8Array(5));
      feed.push();
      clock.advance(100);
    }
  };
  feed.push();
  expect(told.splice(0)).toMatchObject([{ rows: [], whole: true }]);
  const opened = { cause: 'connect', ms: 1, lastEventId: '', redirects: 0 } as const;
  capture.addStep(clock.now(), 1, { step: 'open', head, ...opened });
  aSecond();
  expect(told.splice(0)).toMatchObject([{ rows: [{ attempt: 1, events: 1 }], whole: true }]);
  aSecond();
  expect(told.splice(0)).toMatchObject([{ rows: [{ attempt: 1, events: 11, bytes: 55 }], whole: false }]);
  clock.advance(1_000);
  feed.push();
  clock.advance(5_000);
  feed.push();
  expect(told.splice(0)).toMatchObject([{ rows: [{ events: 20 }], whole: false }]);
  capture.addStep(clock.now(), 1, { step: 'closed', reason: { kind: 'disconnected' } });
  feed.push();
  expect(told).toMatchObject([{ rows: [{ title: '200 OK', text: 'Disconnected' }], whole: true }]);
});
