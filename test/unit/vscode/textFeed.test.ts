import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { toDisposable } from '../../../src/base/disposables.ts';
import { Capture } from '../../../src/capture/capture.ts';
import type { ShapeChoice, TextAnswer, TextRequest } from '../../../src/panelApi/text.ts';
import type { SourceState } from '../../../src/session/captureSource.ts';
import { TextFeed } from '../../../src/vscode/panel/textFeed.ts';
import { FakeClock } from '../../support/fakeClock.ts';

const utf8 = new TextEncoder();

function setUp<C extends Clock>(clock: C) {
  const source = {
    capture: new Capture(),
    captureId: 'one',
    state: { kind: 'open', since: 0 } as SourceState,
    hasTimes: true,
  };
  const feed = new TextFeed(source, clock);
  const say = (content: string, id = 'a') => {
    const data = JSON.stringify({ id, choices: [{ index: 0, delta: { role: 'assistant', content } }] });
    source.capture.addEvent(clock.now(), 1, 'message', undefined, utf8.encode(`data: ${data}\n\n`));
  };
  return { clock, source, feed, say };
}

function request(change: Partial<TextRequest> = {}): TextRequest {
  return { choice: { shape: 'auto' }, generation: 0, revision: 0, isCaughtUp: false, held: [], ...change };
}

/** What follows from an answer, where all of it was taken. */
function next(answer: TextAnswer, choice: ShapeChoice = { shape: 'auto' }): TextRequest {
  const { generation, revision, from, messages, behind } = answer;
  const held = messages.map(({ id, parts }) => [id, ...parts.map((part) => part.from + part.text.length)]);
  return { choice, generation, revision, from, held, isCaughtUp: behind === 0 };
}

/** Whether a promise is still open, now that everything that could happen has. */
async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol();
  return (await Promise.race([promise, new Promise((resolve) => setImmediate(resolve, open))])) === open;
}

const textsOf = ({ messages }: TextAnswer) => messages.map(({ parts }) => parts.map(({ text }) => text));

describe('TextFeed', () => {
  it('reads nothing before it is asked, then answers with what there is', async () => {
    const { feed, say } = setUp(new FakeClock());
    say('Hello');
    feed.push();
    const asked = feed.ask(request());
    feed.push();
    expect(await asked).toMatchObject({
      generation: 1,
      recognized: 'openaiChat',
      behind: 0,
      missed: 0,
      first: 1,
      from: 1,
      messages: [{ id: 1, state: 'streaming', parts: [{ kind: 'text', from: 0, text: 'Hello' }] }],
    });
  });

  it('keeps a question until there is news, and answers with that alone', async () => {
    const { feed, say } = setUp(new FakeClock());
    say('one');
    say('first', 'b');
    const first = feed.ask(request());
    feed.push();
    const asked = feed.ask(next(await first));
    feed.push();
    expect(await isOpen(asked)).toBe(true);
    say(' second', 'b');
    feed.push();
    expect(await asked).toMatchObject({
      messages: [
        { id: 1, parts: [{ from: 3, text: '' }] },
        { id: 2, parts: [{ from: 5, end: 12, text: ' second' }] },
      ],
    });
  });

  it('answers a question after a while all the same', async () => {
    const { feed, say, clock } = setUp(new FakeClock());
    say('one');
    const first = feed.ask(request());
    feed.push();
    const asked = feed.ask(next(await first));
    clock.advance(4_900);
    feed.push();
    expect(await isOpen(asked)).toBe(true);
    clock.advance(100);
    feed.push();
    expect(textsOf(await asked)).toEqual([['']]);
  });

  it('answers the question before where another comes, and all of them at its end', async () => {
    const { feed, say } = setUp(new FakeClock());
    say('one');
    const first = feed.ask(request());
    feed.push();
    const known = next(await first);
    const [second, third] = [feed.ask(known), feed.ask(known)];
    expect(textsOf(await second)).toEqual([['']]);
    feed.dispose();
    expect(await third).toBeDefined();
  });

  it('reads anew for another choice, and tells so by another generation', async () => {
    const { feed, say } = setUp(new FakeClock());
    say('one');
    const first = feed.ask(request());
    feed.push();
    const choice = { shape: 'path', path: '$.id' } as const;
    const second = feed.ask({ ...next(await first), choice });
    feed.push();
    expect(textsOf(await second)).toEqual([['a']]);
    expect((await second).generation).toBe(2);
  });

  it('reads anew what is another capture', async () => {
    const { feed, say, source } = setUp(new FakeClock());
    say('one');
    const first = feed.ask(request());
    feed.push();
    Object.assign(source, { capture: new Capture(), captureId: 'two' });
    const second = feed.ask(next(await first));
    feed.push();
    expect(await second).toMatchObject({ generation: 2, messages: [] });
  });

  it('forgets what was cleared, though a question was open', async () => {
    const { feed, say, source } = setUp(new FakeClock());
    say('one');
    const first = feed.ask(request());
    feed.push();
    const second = feed.ask(next(await first));
    source.capture.clear();
    feed.push();
    expect(await second).toMatchObject({ generation: 2, missed: 0, messages: [] });
    const third = feed.ask(next(await second));
    say('two');
    feed.push();
    expect(await third).toMatchObject({ generation: 2, messages: [{ id: 1, parts: [{ text: 'two' }] }] });
  });

  it('says why a path is none, once', async () => {
    const { feed } = setUp(new FakeClock());
    const choice = { shape: 'path', path: 'delta' } as const;
    const asked = feed.ask(request({ choice }));
    feed.push();
    const answer = await asked;
    expect(answer).toMatchObject({ problem: 'it begins with $, as in $.delta.text', messages: [] });
    const again = feed.ask(next(answer, choice));
    feed.push();
    expect(await isOpen(again)).toBe(true);
    feed.dispose();
  });

  it('reads a long capture in slices, as long as somebody looks, and says how far it is', async () => {
    // Each look at the clock takes a millisecond; a slice has ten.
    let time = 0;
    const slices: (() => void)[] = [];
    const { feed, say } = setUp({
      now: () => time,
      monotonic: () => ++time,
      after: (_ms, callback) => {
        slices.push(callback);
        return toDisposable(() => {});
      },
    });
    for (let i = 0; i < 2_000; i++) say('.');
    const first = feed.ask(request());
    feed.push();
    const { behind } = await first;
    expect(behind).toBeGreaterThan(1_985);
    expect(behind).toBeLessThan(2_000);
    for (let slice = slices.pop(); slice; slice = slices.pop()) slice();
    const second = feed.ask(next(await first));
    feed.push();
    const { behind: left } = await second;
    expect(left).toBeLessThan(1_500);
    expect(left).toBeGreaterThan(0);
  });

  it.each([{ kind: 'recorded', since: 0 }, { kind: 'idle' }] as const)(
    'holds what a capture that is $kind broke off for cut: nothing more will come',
    async (state) => {
      const { feed, say, source } = setUp(new FakeClock());
      say('one');
      source.state = state;
      const asked = feed.ask(request());
      feed.push();
      expect(await asked).toMatchObject({ messages: [{ state: 'cut' }] });
    },
  );

  it('tells no times of a capture that has none', async () => {
    const { feed, say, source, clock } = setUp(new FakeClock());
    const timeKeys = ['startedAt', 'timeToFirstToken', 'speed'];
    say('one');
    clock.advance(100);
    say('two');
    const told = [];
    for (const hasTimes of [true, false]) {
      source.hasTimes = hasTimes;
      const asked = feed.ask(request());
      feed.push();
      const [message] = (await asked).messages;
      told.push(Object.keys(message ?? {}).filter((key) => timeKeys.includes(key)));
    }
    expect(told).toEqual([timeKeys, []]);
  });

  it('sends a long text in several answers, each once', async () => {
    const { feed, say } = setUp(new FakeClock());
    const long = 'x'.repeat(300_000);
    say(long);
    say(`${long}y`, 'b');
    let text = ['', ''];
    let asking = request();
    for (let rounds = 0; rounds < 3; rounds++) {
      const asked = feed.ask(asking);
      feed.push();
      const answer = await asked;
      const sent = textsOf(answer).flat();
      expect(sent.join('').length).toBeLessThanOrEqual(262_144);
      text = text.map((known, at) => known + sent[at]);
      asking = next(answer);
    }
    expect(text).toEqual([long, `${long}y`]);
    const asked = feed.ask(asking);
    feed.push();
    expect(await isOpen(asked)).toBe(true);
    feed.dispose();
  });
});
