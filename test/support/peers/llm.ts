import { LLMock } from '@copilotkit/aimock';

/** @copilotkit/aimock: an endpoint for each of the ways in which models stream, with answers by what the user asks. */
export interface Llm {
  readonly url: string;
  dispose(): Promise<void>;
}

/** What is asked, and what the answer is made of, over all endpoints alike. */
export const answers = {
  greet: { reasoning: 'The user greets me.', content: 'Hello, how are you? 👋' },
  tools: {
    content: 'Looking.',
    toolCalls: [
      { id: 'call_a', name: 'weather', arguments: '{"city":"Paris"}' },
      { id: 'call_b', name: 'time', arguments: '{"zone":"CET"}' },
    ],
  },
  cut: { content: 'This answer never comes to its end.' },
} as const;

export async function startLlm(): Promise<Llm> {
  const mock = new LLMock({ port: 0, host: '127.0.0.1', logLevel: 'silent', chunkSize: 5 });
  mock.onMessage('greet', answers.greet);
  mock.onMessage('tools', { content: answers.tools.content, toolCalls: [...answers.tools.toolCalls] });
  // The pause lets what was written before the cut reach the other end.
  mock.onMessage('cut', answers.cut, { truncateAfterChunks: 7, latency: 20 });
  await mock.start();
  return { url: mock.url, dispose: () => mock.stop() };
}
