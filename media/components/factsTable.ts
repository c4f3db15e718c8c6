import { html } from 'lit';
import type { Fact } from '../../src/panelApi/protocol.ts';
import { visibleText } from '../format.ts';

export function factsTable(facts: readonly Fact[]) {
  return html`<dl class="facts">
    ${facts.map(({ label, value }) => html`<dt>${visibleText(label)}</dt><dd>${visibleText(value)}</dd>`)}
  </dl>`;
}
