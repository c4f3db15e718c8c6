// What models stream, for the Text tab.

export function chunk(delta: object, { id = 'a', index = 0, finish_reason = null as string | null } = {}) {
  return { id, object: 'chat.completion.chunk', model: 'gpt-5', choices: [{ index, delta, finish_reason }] };
}

const call = (index: number, text: string, head: { id?: string; name?: string } = {}) => ({
  tool_calls: [{ index, id: head.id, function: { name: head.name, arguments: text } }],
});

/** Thoughts, a text and two tool calls, interleaved. */
export const answer = [
  chunk({ role: 'assistant', content: '' }),
  chunk({ reasoning_content: 'Let me ' }),
  chunk({ reasoning_content: 'see.' }),
  chunk({ content: 'Sunny.' }),
  chunk(call(0, '', { id: 'call_a', name: 'get_weather' })),
  chunk(call(1, '{"zone":', { id: 'call_b', name: 'get_time' })),
  chunk(call(0, '{"city":"Paris"}')),
  chunk(call(1, '"C')),
  chunk(call(1, 'ET"')),
  chunk(call(1, '}')),
];
