import { isAnthropicMessages, readAnthropicMessages } from './anthropicMessages.ts';
import type { DeltaEvent, ReadDeltas } from './deltas.ts';
import { isOpenaiChat, readOpenaiChat } from './openaiChat.ts';
import { isOpenaiResponses, readOpenaiResponses } from './openaiResponses.ts';

/** The known ways to send a text in pieces. */
export const shapeNames = ['openaiChat', 'openaiResponses', 'anthropicMessages'] as const;
export type ShapeName = (typeof shapeNames)[number];

/** What the user chose: a known shape, whatever is recognized, or the texts at a path. */
export type ShapeChoice = { shape: ShapeName | 'auto' } | { shape: 'path'; path: string };

interface Shape {
  read: ReadDeltas;
  /** Whether the event can be of no other shape. */
  recognizes(event: DeltaEvent): boolean;
}

export const shapes: Readonly<Record<ShapeName, Shape>> = {
  openaiChat: { read: readOpenaiChat, recognizes: isOpenaiChat },
  openaiResponses: { read: readOpenaiResponses, recognizes: isOpenaiResponses },
  anthropicMessages: { read: readAnthropicMessages, recognizes: isAnthropicMessages },
};

export function recognizeShape(event: DeltaEvent): ShapeName | undefined {
  return shapeNames.find((name) => shapes[name].recognizes(event));
}
