import { html } from 'lit';
import { visibleText } from '../format.ts';

export interface Fact {
  label: string;
  value: string;
}

export function factsTable(facts: readonly Fact[]) {
  return html`<dl class="facts">
    ${facts.map(({ label, value }) => html`<dt>${visibleText(label)}</dt><dd>${visibleText(value)}</dd>`)}
  </dl>`;
}
