import { describe, expect, it } from 'vitest';
import { speedOf, timeToFirstToken } from '../../../../src/capture/text/message.ts';
import { Stream } from './merge.ts';

const start = (id = 'msg_1') => ({
  type: 'message_start',
  message: { id, type: 'message', role: 'assistant', model: 'claude-opus-4-5', usage: { output_tokens: 1 } },
});
const block = (index: number, content_block: object) => ({
  type: 'content_block_start',
  index,
  content_block,
});
const delta = (index: number, fields: object) => ({ type: 'content_block_delta', index, delta: fields });
const say = (text: string, index = 0) => delta(index, { type: 'text_delta', text });
const stop = (index: number) => ({ type: 'content_block_stop', index });
const reason = (stop_reason: string, output_tokens = 15) => ({
  type: 'message_delta',
  delta: { stop_reason, stop_sequence: null },
  usage: { output_tokens },
});
const end = { type: 'message_stop' };
const ping = { type: 'ping' };

describe('Anthropic messages', () => {
  it('merges content blocks by their index up to the end mark, with the numbers of it', () => {
    const stream = new Stream()
      .open()
      .send(ping, start(), block(0, { type: 'thinking', thinking: '', signature: '' }))
      .send(delta(0, { type: 'thinking_delta', thinking: 'The user ' }), ping)
      .send(delta(0, { type: 'thinking_delta', thinking: 'asks.' }))
      .send(delta(0, { type: 'signature_delta', signature: 'EqQB' }), stop(0))
      .send(block(1, { type: 'redacted_thinking', data: 'xyz' }), stop(1))
      .send(block(2, { type: 'text', text: '' }), say('Hel', 2), say('lo', 2), stop(2))
      .send(block(3, { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} }))
      .send(delta(3, { type: 'input_json_delta', partial_json: '' }))
      .send(delta(3, { type: 'input_json_delta', partial_json: '{"city":' }))
      .send(delta(3, { type: 'input_json_delta', partial_json: '"Paris"}' }), stop(3))
      .send(reason('tool_use'), end)
      .ended();
    expect(stream.text.recognized).toBe('anthropicMessages');
    expect(stream.messages).toMatchObject([
      {
        response: 'msg_1',
        model: 'claude-opus-4-5',
        role: 'assistant',
        state: 'finished',
        finishReason: 'tool_use',
        usage: { output: 15 },
        parts: [
          ['thinking', 'The user asks.'],
          ['thinking', '', 'redacted', undefined],
          ['text', 'Hello'],
          ['toolCall', '{"city":"Paris"}', 'weather', 'toolu_1'],
        ],
      },
    ]);
    const [message] = stream.text.messages;
    expect(message && timeToFirstToken(message)).toBe(140);
    expect(message && speedOf(message)?.of).toBe('tokens');
  });

  it('has its end mark in message_stop, not in the reason before it', () => {
    const stream = new Stream().send(start(), say('a'), reason('end_turn'));
    expect(stream.messages).toMatchObject([{ state: 'streaming', finishReason: 'end_turn' }]);
    expect(stream.ended().messages).toMatchObject([{ state: 'cut', finishReason: 'end_turn' }]);
  });

  it('shows an error that comes in the middle', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    expect(new Stream().send(start(), say('a'), error).ended().messages).toMatchObject([
      { state: 'failed', error: 'Overloaded (overloaded_error)', parts: [['text', 'a']] },
    ]);
  });

  it('takes input that came whole, and tools that the server runs itself', () => {
    const stream = new Stream().send(
      start(),
      block(0, { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: { query: 'x' } }),
    );
    expect(stream.messages).toMatchObject([
      { parts: [['toolCall', '{"query":"x"}', 'web_search', 'srv_1']] },
    ]);
  });

  it('begins a message for each on one stream', () => {
    const stream = new Stream().send(start(), say('one'), end, start('msg_2'), say('two'));
    expect(stream.messages).toMatchObject([
      { response: 'msg_1', state: 'finished', parts: [['text', 'one']] },
      { response: 'msg_2', state: 'streaming', parts: [['text', 'two']] },
    ]);
  });
});
