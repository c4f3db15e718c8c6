import { html, nothing } from 'lit';
import type { Fact } from '../../src/panelApi/protocol.ts';
import { visibleText } from '../format.ts';

/** @param reveal shows a record, where a fact has one that bears it out */
export function factsTable(facts: readonly Fact[], reveal?: (position: number) => void) {
  return html`<dl class="facts">
    ${facts.map(({ label, value, at }) => html`<dt>${visibleText(label)}</dt><dd>${visibleText(value)}${at === undefined || !reveal ? nothing : shows(at, value, reveal)}</dd>`)}
  </dl>`;
}

function shows(at: number, what: string, reveal: (position: number) => void) {
  return html` <button class="button link" aria-label=${`Show the record: ${visibleText(what)}`} @click=${() => reveal(at)}>Show</button>`;
}
