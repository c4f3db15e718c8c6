import { describe, expect, it } from 'vitest';
import { speedOf, timeToFirstToken } from '../../../../src/capture/text/message.ts';
import { Stream } from './merge.ts';

const base = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_795_531_656, model: 'gpt-5' };
const chunk = (delta: unknown, finish_reason: string | null = null, index = 0, id = base.id) => ({
  ...base,
  id,
  choices: [{ index, delta, logprobs: null, finish_reason }],
});
const usage = (completion_tokens: number, reasoning_tokens = 0) => ({
  ...base,
  choices: [],
  usage: { prompt_tokens: 9, completion_tokens, completion_tokens_details: { reasoning_tokens } },
});
const opening = chunk({ role: 'assistant', content: '', refusal: null });
const call = (index: number, fields: object, args = '') => ({
  index,
  ...fields,
  function: { ...('name' in fields ? { name: fields.name } : {}), arguments: args },
});

describe('OpenAI chat', () => {
  it('merges the deltas of an answer up to its end mark, with the numbers of it', () => {
    const stream = new Stream().open();
    stream.send(opening, chunk({ content: 'Hel' }), chunk({ content: 'lo' }), chunk({ content: '!' }));
    expect(stream.messages).toMatchObject([{ state: 'streaming', parts: [['text', 'Hello!']] }]);
    stream.send(chunk({}, 'stop'), usage(12), '[DONE]').ended();
    expect(stream.text.recognized).toBe('openaiChat');
    expect(stream.messages).toEqual([
      {
        id: 1,
        position: 1,
        startedAt: 900,
        attempt: 1,
        choice: 0,
        isOneOfSeveral: false,
        response: 'chatcmpl-1',
        model: 'gpt-5',
        role: 'assistant',
        firstAt: 1_020,
        lastAt: 1_040,
        pieces: 3,
        usage: { output: 12, reasoning: 0 },
        state: 'finished',
        finishReason: 'stop',
        afterReconnect: false,
        resumed: false,
        leftOut: 0,
        parts: [['text', 'Hello!']],
      },
    ]);
    const [message] = stream.text.messages;
    expect(message && timeToFirstToken(message)).toBe(120);
    expect(message && speedOf(message)).toEqual({ perSecond: 600, of: 'tokens' });
  });

  it('counts deltas where the stream counts no tokens, and none where all came nearly at once', () => {
    const stream = new Stream().send(opening, chunk({ content: 'a' }));
    expect(stream.text.messages.map(speedOf)).toEqual([undefined]);
    stream.send(chunk({ content: 'b' }));
    expect(stream.text.messages.map(speedOf)).toEqual([undefined]);
    stream.send(chunk({ content: 'c' }));
    expect(stream.text.messages.map(speedOf)).toEqual([{ perSecond: 100, of: 'deltas' }]);
  });

  it('leaves tokens that were thought in secret out of the speed, and counts thoughts that were seen', () => {
    const secret = new Stream().send(
      opening,
      chunk({ content: 'a' }),
      chunk({ content: 'b' }),
      chunk({ content: 'c' }),
      usage(110, 100),
    );
    expect(secret.text.messages.map(speedOf)).toEqual([{ perSecond: 500, of: 'tokens' }]);
    const seen = new Stream().send(
      chunk({ reasoning_content: 'a' }),
      chunk({ content: 'b' }),
      chunk({ content: 'c' }),
      usage(110, 100),
    );
    expect(seen.text.messages.map(speedOf)).toEqual([{ perSecond: 5_500, of: 'tokens' }]);
  });

  it('keeps choices that come interleaved apart, and gives none of them the usage of all', () => {
    const stream = new Stream().send(
      chunk({ role: 'assistant', content: 'A' }, null, 0),
      chunk({ role: 'assistant', content: 'B' }, null, 1),
      chunk({ content: 'a' }, null, 0),
      chunk({ content: 'b' }, null, 1),
      chunk({}, 'stop', 1),
      chunk({}, 'length', 0),
      usage(4),
    );
    expect(stream.messages).toMatchObject([
      { choice: 0, isOneOfSeveral: true, finishReason: 'length', parts: [['text', 'Aa']] },
      { choice: 1, isOneOfSeveral: true, finishReason: 'stop', parts: [['text', 'Bb']] },
    ]);
    expect(stream.text.messages.map((message) => speedOf(message)?.of)).toEqual(['deltas', 'deltas']);
  });

  it('keeps both names of reasoning apart from the text', () => {
    for (const name of ['reasoning_content', 'reasoning']) {
      const stream = new Stream().send(
        chunk({ [name]: 'Let me ' }),
        chunk({ [name]: 'see.' }),
        chunk({ content: 'Yes' }),
      );
      expect(stream.messages).toMatchObject([
        {
          parts: [
            ['thinking', 'Let me see.'],
            ['text', 'Yes'],
          ],
        },
      ]);
    }
    const blocks = new Stream().send(
      chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] }] }),
      chunk({ content: [{ type: 'text', text: 'Yes' }] }),
    );
    expect(blocks.messages).toMatchObject([
      {
        parts: [
          ['thinking', 'Hm.'],
          ['text', 'Yes'],
        ],
      },
    ]);
  });

  it('merges the arguments of tool calls that come interleaved, by their index', () => {
    const stream = new Stream().send(
      chunk({ role: 'assistant', content: null, tool_calls: [call(0, { id: 'call_a', name: 'weather' })] }),
      chunk({ tool_calls: [call(1, { id: 'call_b', name: 'time' })] }),
      chunk({ tool_calls: [call(0, {}, '{"city":'), call(1, {}, '{"zone"')] }),
      chunk({ tool_calls: [call(1, {}, ':"CET"}'), call(0, {}, '"Paris"}')] }),
      chunk({}, 'tool_calls'),
    );
    expect(stream.messages).toMatchObject([
      {
        finishReason: 'tool_calls',
        parts: [
          ['toolCall', '{"city":"Paris"}', 'weather', 'call_a'],
          ['toolCall', '{"zone":"CET"}', 'time', 'call_b'],
        ],
      },
    ]);
  });

  it('takes tool calls in the ways of other servers: without index, with arguments as a value, the older kind', () => {
    const stream = new Stream().send(
      chunk({ tool_calls: [{ id: 'x', function: { name: 'f', arguments: { a: [1] } } }] }),
      chunk({ tool_calls: [{ id: 'y', custom: { name: 'g', input: 'raw' } }] }),
      chunk({ function_call: { name: 'h', arguments: '{' } }),
      chunk({ function_call: { arguments: '}' } }),
    );
    expect(stream.messages[0]?.parts).toEqual([
      ['toolCall', '{"a":[1]}', 'f', 'x'],
      ['toolCall', 'raw', 'g', 'y'],
      ['toolCall', '{}', 'h', undefined],
    ]);
  });

  it('keeps a refusal apart', () => {
    const stream = new Stream().send(opening, chunk({ refusal: 'I can' }), chunk({ refusal: "'t." }));
    expect(stream.messages).toMatchObject([{ parts: [['refusal', "I can't."]] }]);
  });

  it('reads the older completions, and answers without ids', () => {
    const older = {
      id: 'cmpl-1',
      object: 'text_completion',
      choices: [{ index: 0, text: 'Once', finish_reason: null }],
    };
    expect(new Stream().send(older).messages).toMatchObject([{ parts: [['text', 'Once']] }]);
    const bare = (content: string, finish_reason: string | null = null) => ({
      choices: [{ delta: { role: 'assistant', content }, finish_reason }],
    });
    const stream = new Stream().send(bare('a'), bare('b'), bare('', 'stop'), bare('c'));
    expect(stream.messages).toMatchObject([
      { state: 'finished', parts: [['text', 'ab']] },
      { state: 'streaming', parts: [['text', 'c']] },
    ]);
  });

  it('is not led astray by an id that is another in each chunk', () => {
    const stream = new Stream().send(
      opening,
      chunk({ content: 'a' }, null, 0, 'x'),
      chunk({ content: 'b' }, null, 0, 'y'),
    );
    expect(stream.messages).toMatchObject([{ parts: [['text', 'ab']] }]);
  });

  it('keeps two answers on one stream apart, one after the other or interleaved by their ids', () => {
    const stream = new Stream().send(
      opening,
      chunk({ role: 'assistant', content: 'two' }, null, 0, 'b'),
      chunk({ content: 'one' }),
      chunk({ content: '!' }, 'stop', 0, 'b'),
    );
    expect(stream.messages).toMatchObject([
      { response: 'chatcmpl-1', state: 'streaming', parts: [['text', 'one']] },
      { response: 'b', state: 'finished', parts: [['text', 'two!']] },
    ]);
  });

  it('says what an error in the stream says, and that the answer failed', () => {
    const error = { error: { message: 'Overloaded', type: 'server_error', code: null } };
    const stream = new Stream().send(opening, chunk({ content: 'a' }), error, '[DONE]').ended();
    expect(stream.messages).toMatchObject([{ state: 'failed', error: 'Overloaded (server_error)' }]);
    expect(new Stream({ shape: 'openaiChat' }).send(error).messages).toMatchObject([
      { state: 'failed', error: 'Overloaded (server_error)', parts: [] },
    ]);
  });

  it('takes [DONE] for an end mark where no reason was given', () => {
    expect(new Stream().send(chunk({ content: 'a' }), '[DONE]').ended().messages).toMatchObject([
      { state: 'finished' },
    ]);
  });

  it('says that the stream was cut before its end mark', () => {
    const stream = new Stream().send(opening, chunk({ content: 'a' }));
    expect(stream.messages).toMatchObject([{ state: 'streaming' }]);
    expect(stream.ended().messages).toMatchObject([{ state: 'cut' }]);
  });

  it('does without what Azure says of the prompt first', () => {
    const stream = new Stream().send({ ...base, choices: [], prompt_filter_results: [] }, opening);
    expect(stream.messages).toHaveLength(1);
  });
});
