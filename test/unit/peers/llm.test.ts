import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Redactor } from '../../../src/base/redaction.ts';
import { CaptureBudget } from '../../../src/capture/captureBudget.ts';
import { MergedText } from '../../../src/capture/text/mergedText.ts';
import type { Message } from '../../../src/capture/text/message.ts';
import type { ShapeName } from '../../../src/capture/text/shapes.ts';
import { TextFollower } from '../../../src/capture/text/textFollower.ts';
import { readConnections } from '../../../src/config/readConnections.ts';
import { HttpTransport } from '../../../src/node/httpTransport.ts';
import { systemClock } from '../../../src/node/systemClock.ts';
import { Session } from '../../../src/session/session.ts';
import { answers, type Llm, startLlm } from '../../support/peers/llm.ts';
import { sessionEdges } from '../../support/sessionEdges.ts';

let llm: Llm;
const disposables: { dispose(): void }[] = [];

beforeAll(async () => {
  llm = await startLlm();
});

afterEach(() => {
  for (const item of disposables.splice(0).reverse()) item.dispose();
});

afterAll(() => llm?.dispose());

const ask = (content: string) => [{ role: 'user', content }];
const endpoints: Record<ShapeName, (question: string) => { path: string; body: object }> = {
  openaiChat: (question) => ({
    path: '/v1/chat/completions',
    body: { model: 'gpt-5', stream: true, stream_options: { include_usage: true }, messages: ask(question) },
  }),
  openaiResponses: (question) => ({
    path: '/v1/responses',
    body: { model: 'gpt-5', stream: true, input: question },
  }),
  anthropicMessages: (question) => ({
    path: '/v1/messages',
    body: { model: 'claude-opus-4-5', max_tokens: 100, stream: true, messages: ask(question) },
  }),
};

/** Puts a question to an endpoint as a connection of the user's would; resolves when the answer has ended. */
async function answerTo(question: keyof typeof answers, shape: ShapeName): Promise<MergedText> {
  const { path, body } = endpoints[shape](question);
  const [settings] = readConnections([
    {
      scope: 'user',
      value: [
        {
          name: shape,
          url: `${llm.url}${path}`,
          method: 'POST',
          headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
          body: JSON.stringify(body),
          auth: { placement: 'none' },
          policy: 'off',
        },
      ],
    },
  ]).connections;
  if (!settings) throw new Error('The settings are none.');
  const transport = new HttpTransport();
  const session = new Session(settings, {
    clock: systemClock,
    random: Math.random,
    transport,
    tokens: { read: async () => undefined },
    redactor: new Redactor(),
    budget: new CaptureBudget(),
    ...sessionEdges(),
  });
  disposables.push(transport, session);
  const closed = new Promise<void>((resolve) => {
    session.onDidStep(({ step }) => step.step === 'closed' && resolve());
  });
  session.connect();
  await closed;
  const follower = new TextFollower(session.capture, new MergedText({ shape: 'auto' }));
  follower.advance(() => false);
  return follower.text;
}

function partsOf(message: Message | undefined) {
  return [...(message?.parts.values() ?? [])].map(({ kind, name, text }) => ({
    kind,
    text: text.slice(0, 10_000),
    ...(name === undefined ? {} : { name }),
  }));
}

describe.each(Object.keys(endpoints) as ShapeName[])('an LLM that speaks %s', (shape) => {
  it('is recognized, and its answer is merged with the thoughts apart', async () => {
    const { messages, recognized } = await answerTo('greet', shape);
    expect(recognized).toBe(shape);
    expect(messages).toMatchObject([{ state: 'finished', role: 'assistant', afterReconnect: false }]);
    expect(messages[0]?.model).toMatch(/gpt-5|claude/);
    expect(messages[0]?.pieces).toBeGreaterThan(6);
    expect(partsOf(messages[0])).toEqual([
      { kind: 'thinking', text: answers.greet.reasoning },
      { kind: 'text', text: answers.greet.content },
    ]);
  });

  it('calls two tools, each with its own arguments', async () => {
    const { messages } = await answerTo('tools', shape);
    const { content, toolCalls } = answers.tools;
    expect(messages).toMatchObject([{ state: 'finished' }]);
    expect(partsOf(messages[0])).toEqual([
      { kind: 'text', text: content },
      ...toolCalls.map(({ name, arguments: text }) => ({ kind: 'toolCall', name, text })),
    ]);
  });

  it('breaks off, and what came is there and said to be cut', async () => {
    const { messages } = await answerTo('cut', shape);
    expect(messages).toMatchObject([{ state: 'cut' }]);
    const text = partsOf(messages[0])
      .map((part) => part.text)
      .join('');
    const whole: string = answers.cut.content;
    expect(text.length).toBeGreaterThan(0);
    expect(text.length).toBeLessThan(whole.length);
    expect(whole).toContain(text);
  });
});
