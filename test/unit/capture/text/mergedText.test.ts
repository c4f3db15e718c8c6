import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MergedText } from '../../../../src/capture/text/mergedText.ts';
import { shapeNames } from '../../../../src/capture/text/shapes.ts';
import { plain, Stream } from './merge.ts';

const say = (content: string, id = 'a', fields: object = {}) => ({
  id,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: { content, ...fields }, finish_reason: null }],
});
const finish = { id: 'a', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
const start = { type: 'message_start', message: { id: 'msg_1', role: 'assistant' } };
const delta = (text: string) => ({
  type: 'content_block_delta',
  index: 0,
  delta: { type: 'text_delta', text },
});

describe('merged text over several requests', () => {
  it('goes on where a reconnect resumed the stream', () => {
    const stream = new Stream().open().send(start, delta('one ')).ended();
    stream.open('retry', 'id-2').send(delta('two'));
    expect(stream.messages).toMatchObject([
      { state: 'streaming', attempt: 2, resumed: true, afterReconnect: false, parts: [['text', 'one two']] },
    ]);
    expect(stream.send({ type: 'message_stop' }).messages).toMatchObject([{ state: 'finished' }]);
  });

  it('begins anew where the server began anew, though it was asked to resume', () => {
    const stream = new Stream()
      .open()
      .send(say('one', 'a', { role: 'assistant' }))
      .ended();
    stream.open('retry', 'id-2').send(say('two', 'b', { role: 'assistant' }));
    expect(stream.messages).toMatchObject([
      { state: 'cut', resumed: false, parts: [['text', 'one']] },
      { state: 'streaming', afterReconnect: true, parts: [['text', 'two']] },
    ]);
  });

  it('begins anew where nothing was resumed, whatever the ids say', () => {
    const stream = new Stream().open().send(say('one')).ended().open('retry').send(say('two'));
    expect(stream.messages).toMatchObject([
      { state: 'cut', attempt: 1, parts: [['text', 'one']] },
      {
        state: 'streaming',
        attempt: 2,
        startedAt: stream.time - 110,
        afterReconnect: true,
        parts: [['text', 'two']],
      },
    ]);
  });

  it('is after a reconnect only where one was made, and only the first of the stream', () => {
    const stream = new Stream().open().send(say('one')).ended();
    stream.open('connect').send(say('two'), finish).ended();
    stream.open('forced').send(say('three'), finish, say('four', 'd'));
    expect(stream.messages.map(({ afterReconnect }) => afterReconnect)).toEqual([false, false, true, false]);
  });

  it('of a path goes on with a resumed stream, and is another message on a new one', () => {
    const stream = new Stream({ shape: 'path', path: '$' }).open().send('"a"').ended();
    stream.open('retry', '1').send('"b"').ended().open('retry').send('"c"');
    expect(stream.messages).toMatchObject([
      { state: 'finished', resumed: true, parts: [['text', 'ab']] },
      { state: 'streaming', parts: [['text', 'c']] },
    ]);
  });

  it('knows an attempt by its events where the step that opened it is gone', () => {
    const text = new MergedText({ shape: 'auto' });
    const event = { time: 5, type: 'message' };
    text.push({ ...event, position: 10, attempt: 3, data: JSON.stringify(say('x', 'a')) });
    text.push({ ...event, position: 20, attempt: 4, data: JSON.stringify(say('y', 'b')) });
    expect(text.messages.map(plain)).toMatchObject([
      { state: 'cut', attempt: 3, startedAt: 5 },
      { state: 'streaming', attempt: 4 },
    ]);
  });

  it('recognizes each stream by itself', () => {
    const stream = new Stream().send({ hello: 1 }).open().send(say('chat')).ended();
    stream.open().send(start, delta('messages'));
    expect(stream.messages.map(({ parts }) => parts)).toEqual([[['text', 'chat']], [['text', 'messages']]]);
  });

  it('reads one shape only where the user chose it', () => {
    const stream = new Stream({ shape: 'anthropicMessages' }).send(say('chat'), delta('messages'));
    expect(stream.messages).toMatchObject([{ parts: [['text', 'messages']] }]);
    expect(stream.text.recognized).toBeUndefined();
  });
});

describe('the bounds of merged text', () => {
  it('lets go of the start of the oldest texts, and says so by their offsets', () => {
    const stream = new Stream({ shape: 'auto' }, { characters: 1_000, messages: 10, parts: 100 });
    stream.send(say('a'.repeat(600)), finish, say('b'.repeat(600), 'b'));
    const texts = stream.text.messages.map(({ parts }) => [...parts.values()][0]?.text);
    expect(texts.map((text) => [text?.start, text?.end])).toEqual([
      [450, 600],
      [0, 600],
    ]);
    expect(stream.messages.map(({ parts }) => parts[0]?.[1])).toEqual(['a'.repeat(150), 'b'.repeat(600)]);
    stream.send(say('c'.repeat(700), 'b'));
    expect(texts.map((text) => [text?.start, text?.end])).toEqual([
      [600, 600],
      [550, 1_300],
    ]);
  });

  it('lets go of the oldest messages, and their ids stay', () => {
    const stream = new Stream({ shape: 'auto' }, { characters: 1_000, messages: 3, parts: 100 });
    for (let i = 0; i < 10; i++) stream.send(say(`${i}`, `${i}`, { role: 'assistant' }));
    expect(stream.messages.map(({ id, parts }) => [id, parts[0]?.[1]])).toEqual([
      [8, '7'],
      [9, '8'],
      [10, '9'],
    ]);
    expect(stream.text.gone).toBe(7);
  });

  it('counts the pieces of parts that are too many for a message', () => {
    const stream = new Stream();
    for (let index = 0; index < 1_100; index++)
      stream.send(say('', 'a', { tool_calls: [{ index, function: { name: 'f' } }] }));
    expect(stream.messages).toMatchObject([{ leftOut: 100, pieces: 1_000 }]);
  });

  it('lets go of the oldest messages where all parts together are too many', () => {
    const stream = new Stream({ shape: 'auto' }, { characters: 1_000, messages: 100, parts: 10 });
    const call = (id: string, index: number) =>
      say('', id, { role: 'assistant', tool_calls: [{ index, function: { name: 'f' } }] });
    for (const id of ['a', 'b', 'c']) for (let index = 0; index < 4; index++) stream.send(call(id, index));
    expect(stream.messages.map(({ id }) => id)).toEqual([2, 3]);
    // The one that grows is the oldest of all.
    for (let index = 4; index < 12; index++) stream.send(call('b', index));
    expect(stream.messages.map(({ id }) => id)).toEqual([3, 4]);
  });

  it('cuts off names that are none', () => {
    const long = 'x'.repeat(10_000);
    const stream = new Stream().send(say('a', long), say('b', long));
    expect(stream.messages).toMatchObject([{ response: 'x'.repeat(200), parts: [['text', 'ab']] }]);
  });
});

describe('merged text of hostile streams', () => {
  it('takes names for nothing but names', () => {
    const before = Object.keys(Object.prototype);
    const stream = new Stream().send(
      '{"choices":[{"index":0,"delta":{"__proto__":{"content":"x"},"content":"a"}}],"__proto__":{"id":"b"}}',
      say('', '__proto__', {
        tool_calls: [{ index: '__proto__', id: 'constructor', function: { name: 'toString' } }],
      }),
    );
    expect(Object.keys(Object.prototype)).toEqual(before);
    expect(stream.messages[0]?.parts).toEqual([
      ['text', 'a'],
      ['toolCall', '', 'toString', 'constructor'],
    ]);
  });

  it('is moved by nothing that is no delta', () => {
    const stream = new Stream();
    stream.send('', 'text', '{', '[1]', 'null', '7', '{"choices":7}', '{"choices":[]}', '{"choices":[null]}');
    stream.send({ type: 'response.output_text.delta' }, { type: 'content_block_delta' }, { type: 'ping' });
    expect(stream.messages).toEqual([]);
  });

  it('survives any JSON in any place of a delta', () => {
    const value = fc.jsonValue({ maxDepth: 2 });
    const types = [
      'response.created',
      'response.output_item.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.reasoning_summary_part.added',
      'response.completed',
      'response.incomplete',
      'response.failed',
      'message_start',
      'content_block_start',
      'content_block_delta',
      'message_delta',
      'message_stop',
      'error',
    ];
    const event = fc.record(
      {
        type: fc.constantFrom(...types),
        id: value,
        choices: fc.oneof(
          value,
          fc.array(fc.record({ index: value, delta: value, finish_reason: value }), { maxLength: 3 }),
        ),
        response: fc.oneof(value, fc.record({ id: value, model: value, usage: value, error: value })),
        item: fc.oneof(value, fc.record({ type: fc.constant('x_call'), name: value, arguments: value })),
        message: value,
        delta: fc.oneof(value, fc.record({ type: fc.constant('text_delta'), text: value })),
        content_block: fc.oneof(
          value,
          fc.record({ type: fc.constant('tool_use'), input: value, name: value }),
        ),
        output_index: value,
        index: value,
        usage: value,
        error: value,
      },
      { requiredKeys: ['type'] },
    );
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 20 }),
        fc.constantFrom('auto' as const, ...shapeNames),
        (events, shape) => {
          const stream = new Stream({ shape }, { characters: 50, messages: 3, parts: 5 });
          stream.send(...events).ended();
          const { messages } = stream.text;
          const lengths = messages.flatMap(({ parts }) => [...parts.values()].map(({ text }) => text.length));
          expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(50);
          expect(messages.length).toBeLessThanOrEqual(3);
          expect(messages.every(({ state }) => state !== 'streaming')).toBe(true);
        },
      ),
    );
  });
});

describe('the revision of merged text', () => {
  it('tells which messages have changed since', () => {
    const stream = new Stream().send(
      say('a', 'a', { role: 'assistant' }),
      say('b', 'b', { role: 'assistant' }),
    );
    const since = stream.text.revision;
    const changed = () => stream.text.messages.filter(({ revision }) => revision > since).map(({ id }) => id);
    expect(changed()).toEqual([]);
    stream.send(say('!', 'a'));
    expect(changed()).toEqual([1]);
    stream.ended();
    expect(changed()).toEqual([1, 2]);
  });
});
