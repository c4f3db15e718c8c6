// The Responses API: events named `response.*`, output items by index, an end in one of three events.
// https://platform.openai.com/docs/api-reference/responses-streaming
import {
  argumentsOf,
  type Delta,
  type DeltaEvent,
  errorOf,
  indexOf,
  type JsonObject,
  objectOf,
  type PartKind,
  type Piece,
  textOf,
  type Usage,
  wordOf,
} from './deltas.ts';

/** `response.{name}.delta` brings a piece of it, `response.{name}.done` all of it under a name of its own. */
const streamed = new Map<string, { kind: PartKind; whole: string }>([
  ['output_text', { kind: 'text', whole: 'text' }],
  ['refusal', { kind: 'refusal', whole: 'refusal' }],
  ['reasoning_summary_text', { kind: 'thinking', whole: 'text' }],
  ['reasoning_text', { kind: 'thinking', whole: 'text' }],
  ['function_call_arguments', { kind: 'toolCall', whole: 'arguments' }],
  ['custom_tool_call_input', { kind: 'toolCall', whole: 'input' }],
  ['mcp_call_arguments', { kind: 'toolCall', whole: 'arguments' }],
  ['code_interpreter_call_code', { kind: 'toolCall', whole: 'code' }],
]);

export function isOpenaiResponses({ json }: DeltaEvent): boolean {
  const { type } = objectOf(json);
  return typeof type === 'string' && type.startsWith('response.');
}

export function readOpenaiResponses({ json }: DeltaEvent): Delta[] {
  const event = objectOf(json);
  const type = wordOf(event.type) ?? '';
  switch (type) {
    case 'response.created':
      return [{ ...responseOf(event), begins: true, role: 'assistant' }];
    case 'response.output_item.added':
      return itemPieces(event);
    case 'response.reasoning_summary_part.added':
      return paragraph(event);
    case 'response.completed':
      return [{ ...responseOf(event), ends: true }];
    case 'response.incomplete': {
      const { reason } = objectOf(objectOf(event.response).incomplete_details);
      return [{ ...responseOf(event), ends: true, finishReason: wordOf(reason) ?? 'incomplete' }];
    }
    case 'response.failed':
      return [
        { ...responseOf(event), error: errorOf(objectOf(event.response).error) ?? 'The response failed.' },
      ];
    case 'error': {
      const { message, code, error } = event;
      return [
        { choice: 0, error: errorOf({ message, code }) ?? errorOf(error) ?? 'The server sent an error.' },
      ];
    }
    default:
      return streamedPieces(event, type);
  }
}

function streamedPieces(event: JsonObject, type: string): Delta[] {
  const [, name = '', what] = /^response\.(\w+)\.(delta|done)$/.exec(type) ?? [];
  const known = streamed.get(name);
  if (!known) return [];
  const { kind, whole } = known;
  const text = textOf(what === 'delta' ? event.delta : event[whole]);
  if (!text) return [];
  return [{ choice: 0, pieces: [{ part: partOf(event, kind), kind, text, isWhole: what === 'done' }] }];
}

/** The content of a message may be several texts; the paragraphs of a summary are one. */
function partOf(event: JsonObject, kind: PartKind): string {
  const item = indexOf(event.output_index) ?? wordOf(event.item_id) ?? '';
  const content = kind === 'text' ? (indexOf(event.content_index) ?? 0) : '';
  return `${kind} ${item} ${content}`;
}

/** Tools say here what they are called, those that the server runs itself included. */
function itemPieces(event: JsonObject): Delta[] {
  const item = objectOf(event.item);
  const type = wordOf(item.type) ?? '';
  if (!type.endsWith('_call')) return [];
  const piece: Piece = {
    part: partOf(event, 'toolCall'),
    kind: 'toolCall',
    text: argumentsOf(item.arguments ?? item.input ?? item.code),
    name: wordOf(item.name) ?? type,
    callId: wordOf(item.call_id),
  };
  return [{ choice: 0, pieces: [piece] }];
}

function paragraph(event: JsonObject): Delta[] {
  if (!indexOf(event.summary_index)) return [];
  return [{ choice: 0, pieces: [{ part: partOf(event, 'thinking'), kind: 'thinking', text: '\n\n' }] }];
}

function responseOf(event: JsonObject): Delta {
  const { id, model, usage } = objectOf(event.response);
  return { choice: 0, response: wordOf(id), model: wordOf(model), usage: usageOf(objectOf(usage)) };
}

function usageOf(usage: JsonObject): Usage | undefined {
  const output = indexOf(usage.output_tokens);
  if (output === undefined) return undefined;
  return { output, reasoning: indexOf(objectOf(usage.output_tokens_details).reasoning_tokens) ?? 0 };
}
