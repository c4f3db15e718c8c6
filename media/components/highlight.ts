import { html, type TemplateResult } from 'lit';
import type { Term } from '../../src/panelApi/protocol.ts';

/** A text with what is looked for marked. Only plain terms: an expression that takes forever would block the panel. */
export function highlight(text: string, terms: readonly Term[]): string | (string | TemplateResult)[] {
  const plain = terms.filter((term) => term.mode === 'text' && term.text !== '');
  if (plain.length === 0) return text;
  // The longest first, so that one within another doesn't hide it.
  const sources = plain
    .toSorted((a, b) => b.text.length - a.text.length)
    .map((term) => ({ ...term, source: term.text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&') }));
  const isExact = plain.every(({ caseSensitive }) => caseSensitive);
  const pattern = new RegExp(`(${sources.map(({ source }) => source).join('|')})`, isExact ? 'g' : 'gi');
  return text.split(pattern).map((part, at) => (at % 2 === 1 ? html`<mark>${part}</mark>` : part));
}
