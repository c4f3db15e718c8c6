import { html, nothing, type TemplateResult } from 'lit';
import type { PanelAction, Snapshot } from '../../src/panelApi/protocol.ts';
import type { ShapeChoice, TextAnswer } from '../../src/panelApi/text.ts';
import { visibleText } from '../format.ts';
import type { TextChoice } from '../host.ts';
import { examplePath, shapeNames } from '../textShapes.ts';
import { actionButton } from './actionButton.ts';
import { emptyPage } from './emptyState.ts';

interface Actions {
  act(action: PanelAction): void;
  choose(shape: ShapeChoice['shape']): void;
}

const icon = 'comment';

/** What stands where the messages would be: what the tab is for, and what to do. */
export function textEmpty(
  { next, cleared, events, state, canConnect }: Snapshot,
  { shape, path }: TextChoice,
  answer: TextAnswer | undefined,
  { act, choose }: Actions,
): TemplateResult | typeof nothing {
  if (shape === 'path' && (path === '' || answer?.problem)) {
    return emptyPage(
      icon,
      'Where is the text?',
      html`The JSON path (RFC 9535) of the text in the data of each event, as in <code>${examplePath}</code>. What it
      leads to is put together here.`,
    );
  }
  if (!answer) return nothing;
  if (events === 0 || next <= cleared) {
    const isIdle = canConnect && (state.kind === 'idle' || state.kind === 'closed');
    return emptyPage(
      icon,
      'No text yet',
      html`What a language model says in deltas is put together here as it comes: OpenAI chat and responses, Anthropic
      messages, or the texts at any JSON path.`,
      isIdle ? actionButton('connect', act, 'primary') : nothing,
    );
  }
  if (answer.behind > 0) return nothing;
  switch (shape) {
    case 'auto':
      return emptyPage(
        icon,
        'No deltas of a language model found',
        html`None of the events looks like OpenAI chat or responses, or like Anthropic messages. Where the text comes in
        another shape, say where: <code>$.delta.text</code> leads to <code>{"delta":{"text":"..."}}</code>.`,
        button('Choose a JSON Path', () => choose('path')),
      );
    case 'path':
      return emptyPage(
        icon,
        'No text at this path',
        html`<code>${visibleText(path)}</code> leads to no text in any of the events.`,
      );
    default:
      return emptyPage(
        icon,
        `No deltas of ${shapeNames[shape]} found`,
        html`None of the events is of this shape.`,
        button('Recognize the Shape', () => choose('auto')),
      );
  }
}

function button(label: string, act: () => void): TemplateResult {
  return html`<button type="button" class="button primary" @click=${act}>${label}</button>`;
}
