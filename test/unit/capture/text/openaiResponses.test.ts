import { describe, expect, it } from 'vitest';
import { speedOf } from '../../../../src/capture/text/message.ts';
import { Stream } from './merge.ts';

const response = (fields: object = {}) => ({ id: 'resp_1', object: 'response', model: 'gpt-5', ...fields });
const created = { type: 'response.created', response: response({ status: 'in_progress' }) };
const completed = {
  type: 'response.completed',
  response: response({ usage: { output_tokens: 30, output_tokens_details: { reasoning_tokens: 10 } } }),
};
const item = (output_index: number, fields: object) => ({
  type: 'response.output_item.added',
  output_index,
  item: fields,
});
const event = (type: string, output_index: number, fields: object) => ({
  type: `response.${type}`,
  item_id: `item_${output_index}`,
  output_index,
  ...fields,
});
const text = (delta: string, content_index = 0) => event('output_text.delta', 1, { content_index, delta });

describe('OpenAI responses', () => {
  it('merges summaries of thoughts, texts and refusals of a response up to its end', () => {
    const summary = (delta: string, summary_index: number) =>
      event('reasoning_summary_text.delta', 0, { summary_index, delta });
    const stream = new Stream()
      .open()
      .send(created, { type: 'response.in_progress', response: response() })
      .send(item(0, { type: 'reasoning', id: 'rs_1', summary: [] }))
      .send(
        event('reasoning_summary_part.added', 0, {
          summary_index: 0,
          part: { type: 'summary_text', text: '' },
        }),
      )
      .send(
        summary('First', 0),
        summary(' this.', 0),
        event('reasoning_summary_text.done', 0, { text: 'First this.' }),
      )
      .send(
        event('reasoning_summary_part.added', 0, {
          summary_index: 1,
          part: { type: 'summary_text', text: '' },
        }),
      )
      .send(summary('Then that.', 1))
      .send(item(1, { type: 'message', id: 'msg_1', role: 'assistant', content: [] }))
      .send(
        text('Hel'),
        text('lo'),
        text('More', 1),
        event('output_text.done', 1, { content_index: 0, text: 'Hello' }),
      )
      .send(event('refusal.delta', 1, { content_index: 2, delta: 'No.' }));
    expect(stream.messages).toMatchObject([{ state: 'streaming', model: 'gpt-5', role: 'assistant' }]);
    stream.send(completed).ended();
    expect(stream.text.recognized).toBe('openaiResponses');
    expect(stream.messages).toMatchObject([
      {
        response: 'resp_1',
        state: 'finished',
        startedAt: 900,
        usage: { output: 30, reasoning: 10 },
        parts: [
          ['thinking', 'First this.\n\nThen that.'],
          ['text', 'Hello'],
          ['text', 'More'],
          ['refusal', 'No.'],
        ],
      },
    ]);
    expect(stream.text.messages.map((message) => speedOf(message)?.of)).toEqual(['tokens']);
  });

  it('merges the arguments of calls that come interleaved, functions, custom tools and those of the server', () => {
    const args = (output_index: number, delta: string) =>
      event('function_call_arguments.delta', output_index, { delta });
    const stream = new Stream()
      .send(created, item(0, { type: 'function_call', call_id: 'call_a', name: 'weather', arguments: '' }))
      .send(item(1, { type: 'function_call', call_id: 'call_b', name: 'time', arguments: '' }))
      .send(args(0, '{"city":'), args(1, '{"zone":'), args(0, '"Paris"}'), args(1, '"CET"}'))
      .send(event('function_call_arguments.done', 0, { arguments: '{"city":"Paris"}' }))
      .send(item(2, { type: 'custom_tool_call', call_id: 'call_c', name: 'sql', input: '' }))
      .send(event('custom_tool_call_input.delta', 2, { delta: 'select 1' }))
      .send(item(3, { type: 'web_search_call', id: 'ws_1', status: 'in_progress' }))
      .send(item(4, { type: 'code_interpreter_call', id: 'ci_1', code: '' }))
      .send(event('code_interpreter_call_code.delta', 4, { delta: '1 + 1' }));
    expect(stream.messages[0]?.parts).toEqual([
      ['toolCall', '{"city":"Paris"}', 'weather', 'call_a'],
      ['toolCall', '{"zone":"CET"}', 'time', 'call_b'],
      ['toolCall', 'select 1', 'sql', 'call_c'],
      ['toolCall', '', 'web_search_call', undefined],
      ['toolCall', '1 + 1', 'code_interpreter_call', undefined],
    ]);
  });

  it('takes the whole of a part that came in no deltas', () => {
    const stream = new Stream().send(
      created,
      event('output_text.done', 1, { content_index: 0, text: 'All of it.' }),
    );
    expect(stream.messages).toMatchObject([{ parts: [['text', 'All of it.']] }]);
  });

  it('says why a response is incomplete, failed, or ended in an error', () => {
    const incomplete = { incomplete_details: { reason: 'max_output_tokens' } };
    const endings: [unknown, object][] = [
      [
        { type: 'response.incomplete', response: response(incomplete) },
        { state: 'finished', finishReason: 'max_output_tokens' },
      ],
      [
        {
          type: 'response.failed',
          response: response({ error: { code: 'server_error', message: 'Sorry.' } }),
        },
        { state: 'failed', error: 'Sorry. (server_error)' },
      ],
      [
        { type: 'error', code: 'rate_limit_exceeded', message: 'Slow down.', param: null },
        { state: 'failed', error: 'Slow down. (rate_limit_exceeded)' },
      ],
    ];
    for (const [end, message] of endings) {
      expect(new Stream().send(created, text('a'), end).ended().messages).toMatchObject([message]);
    }
  });

  it('says that the stream was cut before its end mark', () => {
    expect(new Stream().send(created, text('a')).ended().messages).toMatchObject([{ state: 'cut' }]);
  });

  it('begins a message for each response on one stream', () => {
    const second = { type: 'response.created', response: response({ id: 'resp_2' }) };
    const stream = new Stream().open().send(created, text('one'), completed, second, text('two'));
    expect(stream.messages).toMatchObject([
      { response: 'resp_1', startedAt: 900, parts: [['text', 'one']] },
      { response: 'resp_2', startedAt: 1_040, parts: [['text', 'two']] },
    ]);
  });
});
