import { describe, expect, it } from 'vitest';
import { Capture } from '../../../../src/capture/capture.ts';
import { MergedText } from '../../../../src/capture/text/mergedText.ts';
import { TextFollower } from '../../../../src/capture/text/textFollower.ts';
import { plain } from './merge.ts';

const utf8 = new TextEncoder();

function say(capture: Capture, text: string): void {
  const data = JSON.stringify({ choices: [{ delta: { content: text } }] });
  capture.addEvent(capture.next, 1, 'message', undefined, utf8.encode(`data: ${data}\n\n`));
}

function follow(capture: Capture): TextFollower {
  return new TextFollower(capture, new MergedText({ shape: 'auto' }));
}

describe('TextFollower', () => {
  it('reads what there is, then what comes', () => {
    const capture = new Capture();
    const follower = follow(capture);
    say(capture, 'a');
    capture.addComment(1, 1, 'heartbeat');
    say(capture, 'b');
    follower.advance(() => false);
    expect(follower.text.messages.map(plain)).toMatchObject([{ position: 0, parts: [['text', 'ab']] }]);
    say(capture, 'c');
    expect(follower.isCaughtUp).toBe(false);
    follower.advance(() => false);
    capture.addStep(9, 1, { step: 'closed', reason: { kind: 'disconnected' } });
    follower.advance(() => false);
    expect(follower.text.messages.map(plain)).toMatchObject([{ state: 'cut', parts: [['text', 'abc']] }]);
    expect(follower).toMatchObject({ isCaughtUp: true, missed: 0 });
  });

  it('stops when it is enough, and goes on from there', () => {
    const capture = new Capture();
    for (let i = 0; i < 100; i++) say(capture, '.');
    const follower = follow(capture);
    let left = 10;
    follower.advance(() => --left === 0);
    expect(follower.text.messages).toMatchObject([{ pieces: 10 }]);
    expect(follower.isCaughtUp).toBe(false);
    follower.advance(() => false);
    expect(follower.text.messages).toMatchObject([{ pieces: 100 }]);
  });

  it('goes on behind what the capture let go, and counts it', () => {
    const capture = new Capture({ records: 3_000, bytes: 1e9 });
    const follower = follow(capture);
    say(capture, '.');
    follower.advance(() => false);
    for (let i = 0; i < 9_000; i++) say(capture, '.');
    follower.advance(() => false);
    expect(follower.missed).toBe(capture.first - 1);
    expect(follower.text.messages).toMatchObject([{ pieces: 1 + capture.next - capture.first }]);
  });
});
