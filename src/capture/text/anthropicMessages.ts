// The Messages API: content blocks by index between message_start and message_stop.
// https://docs.anthropic.com/en/docs/build-with-claude/streaming
import {
  argumentsOf,
  type Delta,
  type DeltaEvent,
  errorOf,
  indexOf,
  type JsonObject,
  objectOf,
  type Piece,
  textOf,
  wordOf,
} from './deltas.ts';

const types = new Set([
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
]);

export function isAnthropicMessages({ json }: DeltaEvent): boolean {
  const { type } = objectOf(json);
  return typeof type === 'string' && types.has(type);
}

export function readAnthropicMessages({ json }: DeltaEvent): Delta[] {
  const event = objectOf(json);
  switch (event.type) {
    case 'message_start': {
      const { id, model, role } = objectOf(event.message);
      return [{ choice: 0, response: wordOf(id), begins: true, model: wordOf(model), role: wordOf(role) }];
    }
    case 'content_block_start':
      return pieces(startPiece(event));
    case 'content_block_delta':
      return pieces(deltaPiece(event));
    case 'message_delta': {
      const output = indexOf(objectOf(event.usage).output_tokens);
      const finishReason = wordOf(objectOf(event.delta).stop_reason);
      return [
        { choice: 0, finishReason, usage: output === undefined ? undefined : { output, reasoning: 0 } },
      ];
    }
    case 'message_stop':
      return [{ choice: 0, ends: true }];
    case 'error':
      return [{ choice: 0, error: errorOf(event.error) ?? 'The server sent an error.' }];
    default:
      return [];
  }
}

const pieces = (piece: Piece | undefined): Delta[] => (piece ? [{ choice: 0, pieces: [piece] }] : []);

function startPiece(event: JsonObject): Piece | undefined {
  const block = objectOf(event.content_block);
  const part = `${indexOf(event.index) ?? ''}`;
  switch (block.type) {
    case 'text':
      return { part, kind: 'text', text: textOf(block.text) ?? '' };
    case 'thinking':
      return { part, kind: 'thinking', text: textOf(block.thinking) ?? '' };
    // Encrypted, for the model alone: that it thought is all there is to see.
    case 'redacted_thinking':
      return { part, kind: 'thinking', text: '', name: 'redacted' };
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use':
      return {
        part,
        kind: 'toolCall',
        text: argumentsOf(block.input),
        name: wordOf(block.name),
        callId: wordOf(block.id),
      };
    default:
      return undefined;
  }
}

function deltaPiece(event: JsonObject): Piece | undefined {
  const delta = objectOf(event.delta);
  const part = `${indexOf(event.index) ?? ''}`;
  switch (delta.type) {
    case 'text_delta':
      return { part, kind: 'text', text: textOf(delta.text) ?? '' };
    case 'thinking_delta':
      return { part, kind: 'thinking', text: textOf(delta.thinking) ?? '' };
    case 'input_json_delta':
      return { part, kind: 'toolCall', text: textOf(delta.partial_json) ?? '' };
    default:
      return undefined;
  }
}
