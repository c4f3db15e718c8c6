import { html, type TemplateResult } from 'lit';
import type { Range } from '../../src/panelApi/protocol.ts';
import { visibleText } from '../format.ts';

/** A text from a server with what was found in it marked. The ranges are in order. */
export function highlight(text: string, ranges: readonly Range[]): string | (string | TemplateResult)[] {
  const parts: (string | TemplateResult)[] = [];
  let at = 0;
  for (const [from, to] of ranges) {
    if (from >= text.length) break;
    parts.push(visibleText(text.slice(at, from)), html`<mark>${visibleText(text.slice(from, to))}</mark>`);
    at = to;
  }
  return at === 0 ? visibleText(text) : [...parts, visibleText(text.slice(at))];
}
