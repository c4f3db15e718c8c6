import type { ShapeChoice, ShapeName } from '../src/panelApi/text.ts';

export const shapeNames: Record<ShapeName, string> = {
  openaiChat: 'OpenAI chat',
  openaiResponses: 'OpenAI responses',
  anthropicMessages: 'Anthropic messages',
};

export const choiceNames: Record<ShapeChoice['shape'], string> = {
  auto: 'Auto',
  ...shapeNames,
  path: 'JSON path',
};

export const examplePath = '$.choices[0].delta.content';
