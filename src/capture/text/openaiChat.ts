// Chat Completions: `chat.completion.chunk` with deltas by choice index, an end mark "[DONE]". Many servers speak it,
// some with habits of their own: reasoning under one of two names, usage in every chunk, no ids, no tool indexes.
// https://platform.openai.com/docs/api-reference/chat-streaming
import {
  argumentsOf,
  type Delta,
  type DeltaEvent,
  errorOf,
  indexOf,
  type JsonObject,
  listOf,
  objectOf,
  type Piece,
  textOf,
  type Usage,
  wordOf,
} from './deltas.ts';

export function isOpenaiChat({ json }: DeltaEvent): boolean {
  const { choices, object } = objectOf(json);
  if (!Array.isArray(choices)) return false;
  if (typeof object === 'string') return /^(?:chat\.completion|text_completion)/.test(object);
  const { delta, text } = objectOf(choices[0]);
  return typeof delta === 'object' || typeof text === 'string';
}

export function readOpenaiChat({ json }: DeltaEvent): Delta[] {
  const chunk = objectOf(json);
  const response = wordOf(chunk.id);
  const model = wordOf(chunk.model);
  const deltas: Delta[] = listOf(chunk.choices).map((choice) => ({
    response,
    model,
    ...readChoice(objectOf(choice)),
  }));
  const usage = usageOf(objectOf(chunk.usage));
  const error = chunk.error ? (errorOf(chunk.error) ?? 'The server sent an error.') : undefined;
  if (usage || error) deltas.push({ response, usage, error });
  return deltas;
}

function readChoice(choice: JsonObject): Delta {
  const delta = objectOf(choice.delta);
  const role = wordOf(delta.role);
  const finishReason = wordOf(choice.finish_reason);
  return {
    choice: indexOf(choice.index) ?? 0,
    role,
    begins: role !== undefined,
    pieces: [...contentPieces(delta, choice.text), ...toolPieces(delta)],
    finishReason,
    ends: finishReason !== undefined,
  };
}

/** `text` is where the older Completions API has it. */
function contentPieces(delta: JsonObject, text: unknown): Piece[] {
  const thinking = textOf(delta.reasoning_content) ?? textOf(delta.reasoning);
  const { content } = delta;
  const refusal = textOf(delta.refusal);
  const said = textOf(content) ?? textOf(text);
  return [
    ...(thinking ? [thought(thinking)] : []),
    ...(said ? [spoken(said)] : []),
    ...listOf(content).flatMap(blockPieces),
    ...(refusal ? [{ part: 'refusal', kind: 'refusal' as const, text: refusal }] : []),
  ];
}

/** Mistral's reasoning models send content as blocks. */
function blockPieces(block: unknown): Piece[] {
  const { type, text, thinking } = objectOf(block);
  if (type === 'thinking') {
    return listOf(thinking).flatMap((inner) => {
      const thoughts = textOf(objectOf(inner).text);
      return thoughts ? [thought(thoughts)] : [];
    });
  }
  const said = textOf(text);
  return said ? [spoken(said)] : [];
}

const thought = (text: string): Piece => ({ part: 'thinking', kind: 'thinking', text });
const spoken = (text: string): Piece => ({ part: 'text', kind: 'text', text });

function toolPieces(delta: JsonObject): Piece[] {
  const calls = listOf(delta.tool_calls).map((raw, place): Piece => {
    const call = objectOf(raw);
    const made = objectOf(call.function ?? call.custom);
    const callId = wordOf(call.id);
    return {
      part: `tool ${indexOf(call.index) ?? callId ?? place}`,
      kind: 'toolCall',
      text: argumentsOf(made.arguments ?? made.input),
      name: wordOf(made.name),
      callId,
    };
  });
  // What tools were called before there were several.
  const old = objectOf(delta.function_call);
  if (old === delta.function_call) {
    calls.push({
      part: 'function',
      kind: 'toolCall',
      text: argumentsOf(old.arguments),
      name: wordOf(old.name),
    });
  }
  return calls;
}

function usageOf(usage: JsonObject): Usage | undefined {
  const output = indexOf(usage.completion_tokens);
  if (output === undefined) return undefined;
  return { output, reasoning: indexOf(objectOf(usage.completion_tokens_details).reasoning_tokens) ?? 0 };
}
